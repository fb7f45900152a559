"""What a program imports in the place of the binding of the CTP library."""
