"""A program that keeps its data in a group: `coterie up group --dir shop` must run beside it."""

import asyncio

from coterie.impl.client import at, blocking


async def main():
    async with at.group("shop", timeout_seconds=10) as client:
        await client.write("colour", "red")
        print(await client.read("colour"))


asyncio.run(main())

with blocking.group("shop") as client:  # the same without an event loop
    print(client.swap("colour", "red", "green"), client.look("colour"))
