"""People who do not exist, for training, demonstrations and load tests. Knows rows and rules only; never for a production database.

The same seed gives the same people. Numbers are well formed and outside the tax agency's test series, so a number may by chance be
somebody's: that is why a database that holds them is marked invented for good.
"""
