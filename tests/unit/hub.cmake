# suites of hub
unit(vault LINKS hub_rooms)
