"""pytest and Hypothesis fuzz the lock service with more clients than can be explored."""

import lock

from coterie import machine_of

TestLock = machine_of(lock.CHECK, clients=10).TestCase
