unit(consent LINKS node_rooms)
