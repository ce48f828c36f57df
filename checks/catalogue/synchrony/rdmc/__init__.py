"""Checks of RDMC: the binomial pipeline in lockstep, a group at its own pace, and failures."""
