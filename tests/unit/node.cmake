unit(consent LINKS node_rooms)
unit(capture LINKS node_rooms)
unit(import LINKS node_rooms)
