#include "common/server/server.h"
#include "services/points/definition.h"

int main(int argc, char** argv) {
  return loyalty::rpc::RunService(argc, argv, loyalty::points::Definition());
}
