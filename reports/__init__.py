"""Paper: letters and reports as PDF. Renders frozen rows; knows no database, no screen and no clock."""
