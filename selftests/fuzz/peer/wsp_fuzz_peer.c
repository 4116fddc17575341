// SPDX-License-Identifier: GPL-2.0
/*
 * A device like a tun one, but for when its packets arrive: also while a socket
 * is locked by its user, and in the middle of a call, each time that it is asked
 * for. User Mode Linux has one processor, on which a race would take luck.
 */
#include <linux/etherdevice.h>
#include <linux/eventfd.h>
#include <linux/file.h>
#include <linux/if_arp.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/nsproxy.h>
#include <linux/poll.h>
#include <linux/rtnetlink.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "peer.h"

#define SEEN	32	/* packets that left, and have not been read */

#define WAITERS	8

/* Of an eventfd. */
struct peer_waiter {
	poll_table pt;
	wait_queue_entry_t wait;
	wait_queue_head_t *head;
	struct file *file;
};

struct peer {
	struct sk_buff_head seen, next, left;
	struct peer_waiter waiters[WAITERS];
	unsigned int waiting;
};

static void peer_send(struct sk_buff *skb, struct net_device *dev)
{
	skb->dev = dev;
	netif_rx(skb);
}

static void peer_send_all(struct net_device *dev, struct sk_buff_head *queue)
{
	struct sk_buff *skb;

	while ((skb = skb_dequeue(queue)))
		peer_send(skb, dev);
}

/* The caller may well hold the socket's lock. */
static netdev_tx_t peer_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct peer *p = netdev_priv(dev);

	skb_orphan(skb);
	skb_dst_drop(skb);
	if (skb_queue_len(&p->seen) < SEEN)
		skb_queue_tail(&p->seen, skb);
	else
		kfree_skb(skb);
	peer_send_all(dev, &p->next);
	return NETDEV_TX_OK;
}

static const struct net_device_ops peer_netdev_ops = {
	.ndo_start_xmit = peer_xmit,
};

static void peer_setup(struct net_device *dev)
{
	dev->netdev_ops = &peer_netdev_ops;
	dev->type = ARPHRD_NONE;
	dev->flags = IFF_NOARP | IFF_POINTOPOINT;
	dev->priv_flags |= IFF_NO_QUEUE;
	dev->mtu = PEER_MTU;
	dev->lltx = true;
}

/*
 * Most who are woken may signal an eventfd in turn, and ask whether they are allowed
 * to: not while one's lock is held. On kernels that put it off anyhow only this shows.
 */
static int peer_woken(wait_queue_entry_t *wait, unsigned int mode, int flags, void *key)
{
	WARN_ON(!(key_to_poll(key) & EPOLLHUP) && eventfd_signal_allowed());
	return 0;
}

static void peer_queue(struct file *file, wait_queue_head_t *head, poll_table *pt)
{
	struct peer_waiter *w = container_of(pt, struct peer_waiter, pt);

	w->head = head;
	add_wait_queue(head, &w->wait);
}

static long peer_watch(struct peer *p, int fd)
{
	struct peer_waiter *w = &p->waiters[p->waiting];
	struct file *file;

	if (p->waiting == WAITERS)
		return -ENOSPC;
	file = eventfd_fget(fd);
	if (IS_ERR(file))
		return PTR_ERR(file);
	w->file = file;
	init_waitqueue_func_entry(&w->wait, peer_woken);
	init_poll_funcptr(&w->pt, peer_queue);
	vfs_poll(file, &w->pt);
	p->waiting++;
	return 0;
}

static void peer_calm(struct peer *p)
{
	while (p->waiting) {
		struct peer_waiter *w = &p->waiters[--p->waiting];

		remove_wait_queue(w->head, &w->wait);
		fput(w->file);
	}
	skb_queue_purge(&p->seen);
	skb_queue_purge(&p->next);
	skb_queue_purge(&p->left);
}

/* The file's device is in the namespace of the one that opened it. */
static int peer_open(struct inode *inode, struct file *file)
{
	struct net_device *dev;
	struct peer *p;
	int rc;

	dev = alloc_netdev(sizeof(*p), PEER_DEVICE, NET_NAME_USER, peer_setup);
	if (!dev)
		return -ENOMEM;
	p = netdev_priv(dev);
	skb_queue_head_init(&p->seen);
	skb_queue_head_init(&p->next);
	skb_queue_head_init(&p->left);
	dev_net_set(dev, current->nsproxy->net_ns);
	rc = register_netdev(dev);
	if (rc) {
		free_netdev(dev);
		return rc;
	}
	file->private_data = dev;
	return 0;
}

static int peer_release(struct inode *inode, struct file *file)
{
	struct net_device *dev = file->private_data;

	unregister_netdev(dev);
	peer_calm(netdev_priv(dev));
	free_netdev(dev);
	return 0;
}

/* While the user has the lock, packets go to the backlog. */
static int peer_send_held(struct net_device *dev, int fd)
{
	struct peer *p = netdev_priv(dev);
	struct socket *sock;
	int rc;

	sock = sockfd_lookup(fd, &rc);
	if (!sock)
		return rc;
	lock_sock(sock->sk);
	local_bh_disable();
	peer_send_all(dev, &p->next);
	local_bh_enable();
	release_sock(sock->sk);
	sockfd_put(sock);
	return 0;
}

/*
 * The packets are taken in as soon as bottom halves are enabled: by lock_sock()
 * of the next call, most often, where the socket is its user's already.
 */
static void peer_leave(struct net_device *dev)
{
	struct peer *p = netdev_priv(dev);

	local_bh_disable();
	peer_send_all(dev, &p->left);
	local_irq_disable();
	_local_bh_enable();
	local_irq_enable();
}

static ssize_t peer_write(struct file *file, const char __user *buf, size_t size,
			  loff_t *pos)
{
	struct net_device *dev = file->private_data;
	struct peer *p = netdev_priv(dev);
	const size_t head = sizeof(struct peer_packet);
	struct peer_packet how;
	struct sk_buff *skb;
	int rc = 0;

	if (size <= head || size > head + PEER_MTU)
		return -EINVAL;
	if (copy_from_user(&how, buf, head))
		return -EFAULT;
	skb = alloc_skb(size - head, GFP_KERNEL);
	if (!skb)
		return -ENOMEM;
	if (copy_from_user(skb_put(skb, size - head), buf + head, size - head)) {
		kfree_skb(skb);
		return -EFAULT;
	}
	skb->protocol = skb->data[0] >> 4 == 6 ? htons(ETH_P_IPV6) :
						 htons(ETH_P_IP);
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	skb_queue_tail(how.when == PEER_LEFT ? &p->left : &p->next, skb);
	if (how.when == PEER_NOW) {
		local_bh_disable();
		peer_send_all(dev, &p->next);
		local_bh_enable();
	} else if (how.when == PEER_HELD) {
		rc = peer_send_held(dev, how.fd);
	}
	return rc ?: size;
}

static ssize_t peer_read(struct file *file, char __user *buf, size_t size,
			 loff_t *pos)
{
	struct net_device *dev = file->private_data;
	struct peer *p = netdev_priv(dev);
	struct sk_buff *skb = skb_dequeue(&p->seen);
	ssize_t n;

	if (!skb)
		return -EAGAIN;
	n = skb_linearize(skb);
	if (!n) {
		n = min_t(size_t, size, skb->len);
		if (copy_to_user(buf, skb->data, n))
			n = -EFAULT;
	}
	kfree_skb(skb);
	return n;
}

/* As nfsd does it. */
static long peer_accept(int fd)
{
	struct socket *sock, *new;
	int rc;

	sock = sockfd_lookup(fd, &rc);
	if (!sock)
		return rc;
	rc = kernel_accept(sock, &new, O_NONBLOCK);
	if (!rc) {
		sock_no_linger(new->sk);
		sock_release(new);
	}
	sockfd_put(sock);
	return rc;
}

static long peer_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct net_device *dev = file->private_data;
	struct peer *p = netdev_priv(dev);
	s32 fd;

	switch (cmd) {
	case PEER_IOC_CALM:
		peer_calm(p);
		return 0;
	case PEER_IOC_LEAVE:
		peer_leave(dev);
		return 0;
	case PEER_IOC_ACCEPT:
		if (get_user(fd, (s32 __user *)arg))
			return -EFAULT;
		return peer_accept(fd);
	case PEER_IOC_WATCH:
		if (get_user(fd, (s32 __user *)arg))
			return -EFAULT;
		return peer_watch(p, fd);
	}
	return -ENOTTY;
}

static const struct file_operations peer_file_ops = {
	.owner = THIS_MODULE,
	.open = peer_open,
	.release = peer_release,
	.read = peer_read,
	.write = peer_write,
	.unlocked_ioctl = peer_ioctl,
};

static struct miscdevice peer_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "wsp_fuzz_peer",
	.fops = &peer_file_ops,
};

module_misc_device(peer_misc);
MODULE_DESCRIPTION("The peer of AF_WSP's fuzzer");
MODULE_LICENSE("GPL");
