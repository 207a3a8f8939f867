"""Ratios taken in one run: the program against bare SQL on the driver. The machines are noisy, so nothing here is a test."""
