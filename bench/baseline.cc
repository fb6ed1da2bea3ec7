#include "bench/baseline.h"

#include <absl/strings/str_cat.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <pqxx/pqxx>
#include <sstream>

namespace loyalty::bench {
namespace {

std::string ReadFile(const std::string& name) {
  std::ifstream file(absl::StrCat(LOYALTY_BENCH_FOLDER, "/", name));
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string RunProgram(const std::string& command) {
  std::string output;
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::array<char, 4096> buffer;
  while (pipe != nullptr && fgets(buffer.data(), buffer.size(), pipe.get()) != nullptr)
    output += buffer.data();
  return output;
}

}  // namespace

Baseline::Baseline(std::string database_url, const std::string& program_id, int members)
    : database_url_(std::move(database_url)), members_(members) {
  pqxx::connection connection(database_url_);
  pqxx::nontransaction work(connection);
  work.exec(ReadFile("baseline.sql"));
  program_key_ = work.exec(absl::StrCat("SELECT program_key FROM platform.program WHERE program_id = ",
                                        work.quote(program_id)))[0][0]
                     .as<int>();
}

RowCounts Baseline::Count() const {
  pqxx::connection connection(database_url_);
  pqxx::nontransaction work(connection);
  const auto count = [&](const char* table) {
    return work
        .exec(absl::StrCat("SELECT count(*) FROM ", table, " WHERE program_key = ", program_key_))[0][0]
        .as<int64_t>();
  };
  return {count("points.entry"), count("points.lot")};
}

double Baseline::RunPgbench(int clients, double seconds) const {
  const std::string output =
      RunProgram(absl::StrCat("pgbench -n -M prepared -c ", clients, " -j 2 -T ", static_cast<int>(seconds),
                              " -D program=", program_key_, " -D members=", members_, " -f '",
                              LOYALTY_BENCH_FOLDER, "/pgbench_earn.sql' '", database_url_, "' 2>&1"));
  const size_t at = output.find("tps = ");
  if (at == std::string::npos) {
    std::cerr << output;
    return 0;
  }
  return std::stod(output.substr(at + 6));
}

void Baseline::Settle() const {
  pqxx::connection connection(database_url_);
  pqxx::nontransaction work(connection);
  work.exec("ANALYZE points.member, points.account, points.entry, points.lot");
}

}  // namespace loyalty::bench
