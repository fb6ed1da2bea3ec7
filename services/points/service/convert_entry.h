// Between the contract's ledger entries and the domain's.
#pragma once

#include <google/protobuf/repeated_ptr_field.h>

#include <string>
#include <vector>

#include "loyalty/points/v1/entry.pb.h"
#include "services/points/domain/entry.h"

namespace loyalty::points {

v1::MemberLabel ToProto(const MemberLabel& label);
// Of the other side of an entry only what the ledger knows: not who it is.
v1::Entry ToProto(const Entry& entry, const std::string& member_id);
// What became of each rule.
void Fill(google::protobuf::RepeatedPtrField<v1::RuleExplanation>& out,
          const std::vector<Considered>& considered);

}  // namespace loyalty::points
