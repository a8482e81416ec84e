// Sends datagrams of one flow from a socket, one by one, as a program does: load-sender's frames go past what the kernel's
// programs see.
//
// socket-sender ADDRESS COUNT
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

int main(int count, char **arguments) {
  if (count != 3) return 64;
  int socket_number = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket_number < 0) return 77;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(443)};
  if (inet_pton(AF_INET, arguments[1], &address.sin_addr) != 1) return 64;
  if (connect(socket_number, (struct sockaddr *)&address, sizeof address) != 0) return 66;
  static const unsigned char payload[64];
  for (unsigned long sent = strtoul(arguments[2], NULL, 10); sent > 0; sent -= 1) {
    // A datagram for which there is no room is lost, as on any wire.
    if (send(socket_number, payload, sizeof payload, 0) < 0 && errno != ENOBUFS) return 74;
  }
  return 0;
}
