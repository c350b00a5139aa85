"""Dates of the desk as on every other page; Django's own day of a month stands in the wrong case: 2 Ноябрь."""

DATE_FORMAT = "j E Y"
DATETIME_FORMAT = "j E Y, H:i"
MONTH_DAY_FORMAT = "j E"
