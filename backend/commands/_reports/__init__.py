"""The subcommands of `report`: one module each, with a click command of the module's name."""
