// Linux's own calls that Swift cannot see: variadic, macros, or without a wrapper in the C library.
#pragma once
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <linux/capability.h>
#include <linux/ethtool.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

// prctl(2): ends this process when the thread that started it ends. 0, or -1 with errno.
static inline int linux_end_with_parent(void) { return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); }

// prctl(2): no execve gains privileges from here on. 0, or -1 with errno.
static inline int linux_set_no_new_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); }

// prctl(2): no other process of the same user traces this one or reads its memory, and it leaves no core. 0, or -1 with errno.
static inline int linux_forbid_tracing(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

// capset(2): gives up every capability but CAP_DAC_OVERRIDE, if that is there: whoever owns a path, it can be opened. 0, or -1
// with errno.
static inline int linux_keep_file_access(void) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2];
  if (syscall(SYS_capget, &header, data) != 0) return -1;
  unsigned int kept = data[0].permitted & (1u << CAP_DAC_OVERRIDE);
  memset(data, 0, sizeof data);
  data[0].permitted = data[0].effective = kept;
  return (int)syscall(SYS_capset, &header, data);
}

// A message of one byte, with room for one descriptor beside it (unix(7)).
struct linux_byte_message {
  struct msghdr header;
  struct iovec bytes;
  union {
    struct cmsghdr header;
    char room[CMSG_SPACE(sizeof(int))];
  } control;
};

static inline void linux_prepare_byte_message(struct linux_byte_message *message, unsigned char *byte) {
  memset(message, 0, sizeof *message);
  message->bytes.iov_base = byte;
  message->bytes.iov_len = 1;
  message->header.msg_iov = &message->bytes;
  message->header.msg_iovlen = 1;
}

// unix(7): sends one byte, and a descriptor if it is not negative. 0, or -1 with errno.
static inline int linux_send_descriptor(int number, int descriptor, unsigned char status) {
  struct linux_byte_message message;
  linux_prepare_byte_message(&message, &status);
  if (descriptor >= 0) {
    message.header.msg_control = &message.control;
    message.header.msg_controllen = sizeof message.control;
    message.control.header.cmsg_len = CMSG_LEN(sizeof(int));
    message.control.header.cmsg_level = SOL_SOCKET;
    message.control.header.cmsg_type = SCM_RIGHTS;
    memcpy(CMSG_DATA(&message.control.header), &descriptor, sizeof descriptor);
  }
  return sendmsg(number, &message.header, MSG_NOSIGNAL) == 1 ? 0 : -1;
}

// The other end: one byte, and the descriptor that came with it, or -1. Bytes received; 0 at the end; -1 with errno.
static inline int linux_receive_descriptor(int number, int *descriptor, unsigned char *status, int flags) {
  struct linux_byte_message message;
  linux_prepare_byte_message(&message, status);
  message.header.msg_control = &message.control;
  message.header.msg_controllen = sizeof message.control;
  *descriptor = -1;
  int count = (int)recvmsg(number, &message.header, flags | MSG_CMSG_CLOEXEC);
  if (count > 0 && message.header.msg_controllen >= CMSG_LEN(sizeof(int)) &&
      message.control.header.cmsg_level == SOL_SOCKET && message.control.header.cmsg_type == SCM_RIGHTS)
    memcpy(descriptor, CMSG_DATA(&message.control.header), sizeof *descriptor);
  return count;
}

// capset(2): gives up every capability, permitted, effective, inheritable and ambient. 0, or -1 with errno.
static inline int linux_drop_capabilities(void) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct none[2];
  memset(none, 0, sizeof none);
  return (int)syscall(SYS_capset, &header, none);
}

// capget(2): whether any capability is permitted. -1 with errno where it cannot be told.
static inline int linux_has_capabilities(void) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2];
  memset(data, 0, sizeof data);
  if (syscall(SYS_capget, &header, data) != 0) return -1;
  return (data[0].permitted | data[1].permitted) != 0;
}

// rtnetlink(7): a socket that tells of links that come and go. -1 with errno.
static inline int linux_open_link_events(void) {
  int number = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
  if (number < 0) return -1;
  struct sockaddr_nl address;
  memset(&address, 0, sizeof address);
  address.nl_family = AF_NETLINK;
  address.nl_groups = RTMGRP_LINK;
  if (bind(number, (struct sockaddr *)&address, sizeof address) == 0) return number;
  close(number);
  return -1;
}

// packet(7), socket(7) SO_ATTACH_FILTER: of what arrives on the packet socket, keeps the first `length` bytes of frames of
// these interfaces and of those newer than `newest`. Replaces an older filter without a gap. 0, or -1 with errno.
//
//     ld #ifindex; jeq #indices[0], keep; ...; jgt #newest, keep; ret #0; keep: ret #length
static inline int linux_attach_interface_filter(
    int number, const unsigned int *indices, unsigned int count, unsigned int newest, unsigned int length) {
  enum { most = 128 };
  struct sock_filter program[most + 4];
  // Too many to be told apart here: all pass.
  if (count > most) count = 0, newest = 0;
  unsigned short position = 0;
  program[position++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + SKF_AD_IFINDEX);
  for (unsigned int index = 0; index < count; index += 1) {
    unsigned char distance = (unsigned char)(count - index + 1);
    program[position++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, indices[index], distance, 0);
  }
  program[position++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, newest, 1, 0);
  program[position++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0);
  program[position++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, length);
  struct sock_fprog filter = {position, program};
  return setsockopt(number, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter);
}

// eventfd(2): a descriptor by which one thread wakes another. -1 with errno.
static inline int linux_open_bell(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

// accept4(2): the next connection, not inherited and never waited for. -1 with errno.
static inline int linux_accept(int number) {
  return (int)syscall(SYS_accept4, number, (void *)0, (void *)0, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

// setresuid(2): declared only under _GNU_SOURCE.
int setresuid(uid_t real, uid_t effective, uid_t saved);
int setresgid(gid_t real, gid_t effective, gid_t saved);

// ethtool(8)'s driver information: whether an interface is a bridge of the kernel's. 0 where it cannot be told.
static inline int linux_is_bridge(const char *name) {
  int number = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (number < 0) return 0;
  struct ethtool_drvinfo driver;
  memset(&driver, 0, sizeof driver);
  driver.cmd = ETHTOOL_GDRVINFO;
  struct ifreq request;
  memset(&request, 0, sizeof request);
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  request.ifr_data = (char *)&driver;
  int status = ioctl(number, SIOCETHTOOL, &request);
  close(number);
  return status == 0 && strcmp(driver.driver, "bridge") == 0;
}
