#include "common/server/server.h"
#include "services/referral/definition.h"

int main(int argc, char** argv) {
  return loyalty::rpc::RunService(argc, argv, loyalty::referral::Definition());
}
