#include "common/server/server.h"
#include "services/surveys/definition.h"

int main(int argc, char** argv) {
  return loyalty::rpc::RunService(argc, argv, loyalty::surveys::Definition());
}
