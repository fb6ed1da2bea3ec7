#include "common/server/server.h"
#include "services/membership/definition.h"

int main(int argc, char** argv) {
  return loyalty::rpc::RunService(argc, argv, loyalty::membership::Definition());
}
