"""What stands first on the path of a program that runs with the stand-in; nothing of ctpscen itself imports it."""
