"""Frozen values that cross from the data layers to screens and reports. No behaviour beyond reading them, no database."""
