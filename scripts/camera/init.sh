#!/bin/busybox sh
# The first program of the virtual machine: mounts, loads the drivers, runs the checks, turns the machine off.
/bin/busybox --install -s /bin
export PATH=/bin HOME=/root TERM=dumb
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/shm
mount -t tmpfs shm /dev/shm
mkdir -p /dev/pts
mount -t devpts devpts /dev/pts
ln -s /proc/self/fd /dev/fd
echo 3 >/proc/sys/kernel/printk
ip link set lo up
for m in $(cat /mods/order); do insmod /mods/$m.ko || echo "insmod $m failed"; done
mount -t 9p -o trans=virtio,version=9p2000.L,msize=131072,cache=mmap out /out || poweroff -f
cd /out
sh /guest.sh >/out/log 2>&1 </dev/null
echo $? >/out/status
sync
umount /out
poweroff -f
