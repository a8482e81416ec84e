// Linux's own calls that Swift cannot see: variadic, macros, or without a wrapper in the C library.
#pragma once
#include <arpa/inet.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/capability.h>
#include <linux/errqueue.h>
#include <linux/ethtool.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/openat2.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
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

// openat2(2): opens a path as if `root` were the root folder, so that none leads out of it. Without `follows_links`, a path with
// a symbolic link is refused. A descriptor, or -1 with errno.
static inline int linux_open_in_root(int root, const char *path, int flags, int follows_links) {
  struct open_how how;
  memset(&how, 0, sizeof how);
  how.flags = (unsigned int)flags;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | (follows_links ? 0 : RESOLVE_NO_SYMLINKS);
  return (int)syscall(SYS_openat2, root, path, &how, sizeof how);
}

// pidfd_open(2): a descriptor that stays this process's, or -1 with errno.
static inline int linux_open_process(pid_t number) { return (int)syscall(SYS_pidfd_open, number, 0); }

// pidfd_send_signal(2): 0, or -1 with errno.
static inline int linux_signal_process(int process, int signal) {
  return (int)syscall(SYS_pidfd_send_signal, process, signal, NULL, 0);
}

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

// An answer of the connector's: which request it answers, and errno. With room for one descriptor beside it (unix(7)).
struct linux_answer {
  unsigned int request;
  int status;
};

struct linux_answer_message {
  struct msghdr header;
  struct iovec bytes;
  union {
    struct cmsghdr header;
    char room[CMSG_SPACE(sizeof(int))];
  } control;
};

static inline void linux_prepare_answer(struct linux_answer_message *message, struct linux_answer *answer) {
  memset(message, 0, sizeof *message);
  message->bytes.iov_base = answer;
  message->bytes.iov_len = sizeof *answer;
  message->header.msg_iov = &message->bytes;
  message->header.msg_iovlen = 1;
}

// unix(7): sends an answer, and a descriptor if it is not negative. 0, or -1 with errno.
static inline int linux_send_descriptor(int number, int descriptor, struct linux_answer answer) {
  struct linux_answer_message message;
  linux_prepare_answer(&message, &answer);
  if (descriptor >= 0) {
    message.header.msg_control = &message.control;
    message.header.msg_controllen = sizeof message.control;
    message.control.header.cmsg_len = CMSG_LEN(sizeof(int));
    message.control.header.cmsg_level = SOL_SOCKET;
    message.control.header.cmsg_type = SCM_RIGHTS;
    memcpy(CMSG_DATA(&message.control.header), &descriptor, sizeof descriptor);
  }
  return sendmsg(number, &message.header, MSG_NOSIGNAL) == sizeof answer ? 0 : -1;
}

// The other end: an answer, and the descriptor that came with it, or -1. Bytes received; 0 at the end; -1 with errno.
static inline int linux_receive_descriptor(int number, int *descriptor, struct linux_answer *answer, int flags) {
  struct linux_answer_message message;
  linux_prepare_answer(&message, answer);
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

// The same by a program for the kernel that is loaded (bpf(2)). 0, or -1 with errno.
static inline int linux_attach_program(int number, int program) {
  return setsockopt(number, SOL_SOCKET, SO_ATTACH_BPF, &program, sizeof program);
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

// One end of a socket: an IPv6 address in `high` and `low`, or an IPv4 address in `low`, with `family` AF_INET6 or AF_INET; 0
// means that there is none. `scope` is the interface of a link-local address.
struct linux_end {
  unsigned long long high;
  unsigned long long low;
  unsigned int scope;
  unsigned short port;
  unsigned short family;
};

static inline socklen_t linux_write_end(struct sockaddr_storage *storage, struct linux_end end) {
  memset(storage, 0, sizeof *storage);
  if (end.family == AF_INET) {
    struct sockaddr_in *address = (struct sockaddr_in *)storage;
    address->sin_family = AF_INET;
    address->sin_port = htons(end.port);
    address->sin_addr.s_addr = htonl((unsigned int)end.low);
    return sizeof *address;
  }
  struct sockaddr_in6 *address = (struct sockaddr_in6 *)storage;
  address->sin6_family = AF_INET6;
  address->sin6_port = htons(end.port);
  address->sin6_scope_id = end.scope;
  for (int index = 0; index < 8; index += 1) {
    address->sin6_addr.s6_addr[index] = (unsigned char)(end.high >> (56 - 8 * index));
    address->sin6_addr.s6_addr[8 + index] = (unsigned char)(end.low >> (56 - 8 * index));
  }
  return sizeof *address;
}

static inline void linux_read_in6(struct linux_end *end, const unsigned char *bytes) {
  end->family = AF_INET6;
  for (int index = 0; index < 8; index += 1) {
    end->high = end->high << 8 | bytes[index];
    end->low = end->low << 8 | bytes[8 + index];
  }
}

static inline struct linux_end linux_read_end(const struct sockaddr_storage *storage) {
  struct linux_end end;
  memset(&end, 0, sizeof end);
  if (storage->ss_family == AF_INET) {
    const struct sockaddr_in *address = (const struct sockaddr_in *)storage;
    end.family = AF_INET;
    end.port = ntohs(address->sin_port);
    end.low = ntohl(address->sin_addr.s_addr);
  } else if (storage->ss_family == AF_INET6) {
    const struct sockaddr_in6 *address = (const struct sockaddr_in6 *)storage;
    linux_read_in6(&end, address->sin6_addr.s6_addr);
    end.port = ntohs(address->sin6_port);
    end.scope = address->sin6_scope_id;
  }
  return end;
}

// setsockopt(2) with a number. 0, or -1 with errno.
static inline int linux_set_option(int number, int level, int option, int value) {
  return setsockopt(number, level, option, &value, sizeof value);
}

// socket(7) SO_ERROR: the pending error, also one that TCP would outlast; 0 if there is none. Reading clears it.
static inline int linux_pending_error(int number) {
  int code = 0;
  socklen_t length = sizeof code;
  return getsockopt(number, SOL_SOCKET, SO_ERROR, &code, &length) == 0 ? code : 0;
}

// socket(7) SO_BINDTODEVICE. 0, or -1 with errno.
static inline int linux_bind_to_device(int number, const char *name) {
  return setsockopt(number, SOL_SOCKET, SO_BINDTODEVICE, name, (socklen_t)strlen(name) + 1);
}

// bind(2), connect(2), getsockname(2), getpeername(2). Those that return an end: family 0 where there is none.
static inline int linux_bind_end(int number, struct linux_end end) {
  struct sockaddr_storage storage;
  socklen_t length = linux_write_end(&storage, end);
  return bind(number, (struct sockaddr *)&storage, length);
}

static inline int linux_connect_end(int number, struct linux_end end) {
  struct sockaddr_storage storage;
  socklen_t length = linux_write_end(&storage, end);
  return connect(number, (struct sockaddr *)&storage, length);
}

static inline struct linux_end linux_own_end(int number) {
  struct sockaddr_storage storage;
  memset(&storage, 0, sizeof storage);
  socklen_t length = sizeof storage;
  if (getsockname(number, (struct sockaddr *)&storage, &length) != 0) storage.ss_family = 0;
  return linux_read_end(&storage);
}

static inline struct linux_end linux_peer_end(int number) {
  struct sockaddr_storage storage;
  memset(&storage, 0, sizeof storage);
  socklen_t length = sizeof storage;
  if (getpeername(number, (struct sockaddr *)&storage, &length) != 0) storage.ss_family = 0;
  return linux_read_end(&storage);
}

// ipv6(7)'s in6_pktinfo, which <netinet/in.h> declares only under _GNU_SOURCE.
struct linux_packet_information6 {
  struct in6_addr address;
  unsigned int interface;
};

#ifndef IPV6_FREEBIND
#define IPV6_FREEBIND 78
#endif

// ip(7), ipv6(7): has a socket tell to which address a datagram went, and lets it send from any address. 0, or -1 with errno.
static inline int linux_answer_for_all(int number, int family) {
  if (family == AF_INET)
    return linux_set_option(number, IPPROTO_IP, IP_PKTINFO, 1) | linux_set_option(number, IPPROTO_IP, IP_FREEBIND, 1);
  return linux_set_option(number, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) |
         linux_set_option(number, IPPROTO_IPV6, IPV6_FREEBIND, 1);
}

union linux_packet_control {
  struct cmsghdr header;
  char room[CMSG_SPACE(sizeof(struct linux_packet_information6)) + CMSG_SPACE(sizeof(struct in_pktinfo))];
};

// recvmsg(2): a datagram, who sent it and to which address; `to` has no port. Bytes received, or -1 with errno.
static inline long linux_receive_datagram(
    int number, void *bytes, unsigned long count, struct linux_end *from, struct linux_end *to) {
  struct sockaddr_storage storage;
  memset(&storage, 0, sizeof storage);
  memset(to, 0, sizeof *to);
  union linux_packet_control control;
  struct iovec place = {bytes, count};
  struct msghdr message;
  memset(&message, 0, sizeof message);
  message.msg_name = &storage;
  message.msg_namelen = sizeof storage;
  message.msg_iov = &place;
  message.msg_iovlen = 1;
  message.msg_control = &control;
  message.msg_controllen = sizeof control;
  ssize_t received = recvmsg(number, &message, MSG_DONTWAIT);
  if (received < 0) return -1;
  *from = linux_read_end(&storage);
  for (struct cmsghdr *part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_PKTINFO) {
      struct in_pktinfo information;
      memcpy(&information, CMSG_DATA(part), sizeof information);
      to->family = AF_INET;
      to->low = ntohl(information.ipi_addr.s_addr);
    } else if (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_PKTINFO) {
      struct linux_packet_information6 information;
      memcpy(&information, CMSG_DATA(part), sizeof information);
      linux_read_in6(to, information.address.s6_addr);
    }
  }
  return received;
}

// sendmsg(2): a datagram to an end, from this address; where `from` has no family, from the one that the kernel chooses. Bytes
// sent, or -1 with errno.
static inline long linux_send_datagram(
    int number, const void *bytes, unsigned long count, struct linux_end to, struct linux_end from) {
  struct sockaddr_storage storage;
  struct iovec place = {(void *)bytes, count};
  union linux_packet_control control;
  memset(&control, 0, sizeof control);
  struct msghdr message;
  memset(&message, 0, sizeof message);
  message.msg_name = &storage;
  message.msg_namelen = linux_write_end(&storage, to);
  message.msg_iov = &place;
  message.msg_iovlen = 1;
  if (from.family == AF_INET) {
    struct in_pktinfo information;
    memset(&information, 0, sizeof information);
    information.ipi_spec_dst.s_addr = htonl((unsigned int)from.low);
    message.msg_control = &control;
    message.msg_controllen = CMSG_SPACE(sizeof information);
    control.header.cmsg_level = IPPROTO_IP;
    control.header.cmsg_type = IP_PKTINFO;
    control.header.cmsg_len = CMSG_LEN(sizeof information);
    memcpy(CMSG_DATA(&control.header), &information, sizeof information);
  } else if (from.family == AF_INET6) {
    struct sockaddr_storage own;
    linux_write_end(&own, from);
    struct linux_packet_information6 information;
    memset(&information, 0, sizeof information);
    information.address = ((struct sockaddr_in6 *)&own)->sin6_addr;
    message.msg_control = &control;
    message.msg_controllen = CMSG_SPACE(sizeof information);
    control.header.cmsg_level = IPPROTO_IPV6;
    control.header.cmsg_type = IPV6_PKTINFO;
    control.header.cmsg_len = CMSG_LEN(sizeof information);
    memcpy(CMSG_DATA(&control.header), &information, sizeof information);
  }
  return sendmsg(number, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

// ip(7) IP_RECVERR: takes the next error from the socket's queue and returns who told it, if that was an ICMP message; family
// 0 otherwise. `is_empty` says that there was none.
static inline struct linux_end linux_take_error_source(int number, int *is_empty) {
  struct linux_end none;
  memset(&none, 0, sizeof none);
  union {
    struct cmsghdr header;
    char room[CMSG_SPACE(sizeof(struct sock_extended_err) + sizeof(struct sockaddr_in6)) + 64];
  } control;
  struct msghdr message;
  memset(&message, 0, sizeof message);
  message.msg_control = &control;
  message.msg_controllen = sizeof control;
  *is_empty = recvmsg(number, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0;
  if (*is_empty) return none;
  for (struct cmsghdr *part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part)) {
    if (!(part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_RECVERR) &&
        !(part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_RECVERR))
      continue;
    struct sock_extended_err error;
    memcpy(&error, CMSG_DATA(part), sizeof error);
    if (error.ee_origin != SO_EE_ORIGIN_ICMP && error.ee_origin != SO_EE_ORIGIN_ICMP6) continue;
    struct sockaddr_storage storage;
    memset(&storage, 0, sizeof storage);
    size_t length = part->cmsg_len - CMSG_LEN(sizeof error);
    memcpy(&storage, CMSG_DATA(part) + sizeof error, length < sizeof storage ? length : sizeof storage);
    return linux_read_end(&storage);
  }
  return none;
}

// packet(7): a socket that sends and receives nothing. -1 with errno.
static inline int linux_open_packet_sender(void) {
  return socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

// packet(7): sends an IPv4 packet to the station with this Ethernet address, past routes and netfilter. Bytes sent, or -1 with
// errno.
static inline long linux_send_packet(
    int number, unsigned int interface, unsigned long long station, const void *bytes, unsigned long count) {
  struct sockaddr_ll address;
  memset(&address, 0, sizeof address);
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_IP);
  address.sll_ifindex = (int)interface;
  address.sll_halen = ETH_ALEN;
  for (int index = 0; index < ETH_ALEN; index += 1) address.sll_addr[index] = (unsigned char)(station >> (40 - 8 * index));
  return sendto(number, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&address, sizeof address);
}
