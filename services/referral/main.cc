#include "common/rpc/server.h"
#include "services/referral/service/definition.h"

int main(int argc, char** argv) {
  return loyalty::rpc::RunService(argc, argv, loyalty::referral::Definition());
}
