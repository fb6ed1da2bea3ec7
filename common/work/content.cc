#include <cstdlib>
#include <vector>

#include "common/work/work.h"

namespace loyalty::work {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

void AddMessage(const Message& message, Fingerprint& out);

// One value of a field; of a repeated one that at `index`.
void AddValue(const Message& message, const FieldDescriptor& field, int index, Fingerprint& out) {
  const auto& reflection = *message.GetReflection();
  const bool many = field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      out.Add(static_cast<int64_t>(many ? reflection.GetRepeatedInt32(message, &field, index)
                                        : reflection.GetInt32(message, &field)));
      break;
    case FieldDescriptor::CPPTYPE_INT64:
      out.Add(many ? reflection.GetRepeatedInt64(message, &field, index)
                   : reflection.GetInt64(message, &field));
      break;
    case FieldDescriptor::CPPTYPE_BOOL:
      out.Add(static_cast<int64_t>(many ? reflection.GetRepeatedBool(message, &field, index)
                                        : reflection.GetBool(message, &field)));
      break;
    case FieldDescriptor::CPPTYPE_ENUM:
      out.Add(static_cast<int64_t>(many ? reflection.GetRepeatedEnumValue(message, &field, index)
                                        : reflection.GetEnumValue(message, &field)));
      break;
    case FieldDescriptor::CPPTYPE_STRING:
      out.Add(many ? reflection.GetRepeatedString(message, &field, index)
                   : reflection.GetString(message, &field));
      break;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      AddMessage(many ? reflection.GetRepeatedMessage(message, &field, index)
                      : reflection.GetMessage(message, &field),
                 out);
      break;
    default:  // the contracts have no other types; one that gets some must add them here
      std::abort();
  }
}

void AddMessage(const Message& message, Fingerprint& out) {
  std::vector<const FieldDescriptor*> fields;  // those that are set, by number
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->name() == "request_id" || field->name() == "validate_only") continue;
    const int count = field->is_repeated() ? message.GetReflection()->FieldSize(message, field) : 1;
    out.Add(static_cast<int64_t>(field->number())).Add(static_cast<int64_t>(count));
    for (int i = 0; i < count; ++i) AddValue(message, *field, i, out);
  }
  out.Add(static_cast<int64_t>(0));  // the end: no field has this number
}

}  // namespace

Digest ContentOf(const Message& request) {
  Fingerprint out;
  out.Add(request.GetDescriptor()->full_name());
  AddMessage(request, out);
  return out.Finish();
}

}  // namespace loyalty::work
