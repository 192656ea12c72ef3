// Preloaded into workers: a server that would listen on every interface listens on one address alone.
//
// TensorFlow's server binds the wildcard address whatever its own address is, and whoever reaches its port can run
// operations. ETHICS_BIND in the environment names the IPv4 address that it gets instead.
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdlib>
#include <cstring>

extern "C" int bind(int socket, const sockaddr* address, socklen_t length) noexcept {
  static const auto original = reinterpret_cast<decltype(&bind)>(dlsym(RTLD_NEXT, "bind"));
  const char* wanted = std::getenv("ETHICS_BIND");
  in_addr only = {};
  if (wanted == nullptr || inet_pton(AF_INET, wanted, &only) != 1) return original(socket, address, length);
  if (address->sa_family == AF_INET && length >= sizeof(sockaddr_in)) {
    sockaddr_in changed;
    std::memcpy(&changed, address, sizeof changed);
    if (changed.sin_addr.s_addr == htonl(INADDR_ANY)) changed.sin_addr = only;
    return original(socket, reinterpret_cast<const sockaddr*>(&changed), sizeof changed);
  }
  if (address->sa_family == AF_INET6 && length >= sizeof(sockaddr_in6)) {
    sockaddr_in6 changed;
    std::memcpy(&changed, address, sizeof changed);
    if (IN6_IS_ADDR_UNSPECIFIED(&changed.sin6_addr)) {
      // An IPv4 address within IPv6, as a socket for both takes it.
      const unsigned char prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
      std::memcpy(&changed.sin6_addr, prefix, sizeof prefix);
      std::memcpy(changed.sin6_addr.s6_addr + sizeof prefix, &only, sizeof only);
    }
    return original(socket, reinterpret_cast<const sockaddr*>(&changed), sizeof changed);
  }
  return original(socket, address, length);
}
