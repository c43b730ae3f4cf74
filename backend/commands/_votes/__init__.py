"""The subcommands of `votes`, a module each."""
