"""The desk: pages where moderators read, decide and set the rules; made on the server, complete without JavaScript."""
