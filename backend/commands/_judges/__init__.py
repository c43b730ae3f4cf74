"""The subcommands of `judge`: one module each, with a click command of the module's name."""
