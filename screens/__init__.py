"""What people see: one screen a file. Screens call services and show frozen rows; they never know the database."""
