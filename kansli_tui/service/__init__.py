"""What a user can do. One public method is one action in one transaction; it returns frozen rows. `office` opens them all."""
