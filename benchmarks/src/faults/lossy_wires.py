"""Wires between pairs of tap devices that lose and delay what goes to the inner end, as a bad network does.

lossy_wires.py DELAY_MS LOSS_PERCENT SEED OUTER:INNER...

Makes the devices, says "ready", and carries frames until standard input ends; with the process the devices go. For Linux: network
namespaces have no loss of their own on kernels without netem, but tap devices are everywhere. An inner end may be moved to another
namespace, and a device may be down: its frames are lost.
"""

import fcntl
import heapq
import os
import random
import select
import struct
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TAP = 0x0002
IFF_NO_PI = 0x1000
FRAME_BYTES = 65_536
# More than that is dropped, as a router with a full queue does.
FRAMES_UNDER_WAY = 20_000


def open_tap(name):
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
    return device


def frames_of(device):
    while True:
        try:
            yield os.read(device, FRAME_BYTES)
        except OSError:  # nothing more to read, or the device is down
            return


def send(device, frame):
    try:
        os.write(device, frame)
    except OSError:  # down, or its queue is full: lost
        pass


def main(delay_ms, loss_percent, seed, *pairs):
    delay, loss = float(delay_ms) / 1000, float(loss_percent) / 100
    chance = random.Random(int(seed))
    outward, inward = {}, {}
    for pair in pairs:
        outer, inner = map(open_tap, pair.split(":"))
        inward[outer] = inner
        outward[inner] = outer
    print("ready", flush=True)
    poll = select.poll()
    for device in [*inward, *outward, sys.stdin.fileno()]:
        poll.register(device, select.POLLIN)
    under_way, number = [], 0
    while True:
        wait = None if not under_way else max(0, (under_way[0][0] - time.monotonic()) * 1000)
        for device, _ in poll.poll(wait):
            if device in inward:
                for frame in frames_of(device):
                    if chance.random() >= loss and len(under_way) < FRAMES_UNDER_WAY:
                        number += 1
                        heapq.heappush(under_way, (time.monotonic() + delay, number, inward[device], frame))
            elif device in outward:
                for frame in frames_of(device):
                    send(outward[device], frame)
            elif not os.read(device, 4096):
                return
        now = time.monotonic()
        while under_way and under_way[0][0] <= now:
            _, _, device, frame = heapq.heappop(under_way)
            send(device, frame)


main(*sys.argv[1:])
