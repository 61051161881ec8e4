#include "milter/session.hpp"

#include "message/reverse_path.hpp"
#include "milter/metrics.hpp"

namespace milter {

Session::Session(Service& service) : service_(service) {
  ++service_.sessions;
  if (service_.metrics != nullptr) service_.metrics->count_session();
}

Session::~Session() {
  abort();
  if (had_message_) --service_.served;
  --service_.sessions;
}

void Session::begin_message() {
  abort();
  is_in_message_ = true;
  ++service_.messages;
  if (!had_message_) ++service_.served;
  had_message_ = true;
  setup_ = service_.setup.take();
}

void Session::end_message() {
  message_.reset();
  setup_.reset();
  is_faulty_ = is_header_over_ = false;
  if (is_in_message_) --service_.messages;
  is_in_message_ = false;
}

void Session::abort() { end_message(); }

void Session::connect(auth::Connection connection) { connection_ = std::move(connection); }

void Session::helo(std::string_view name) { connection_.helo = name; }

void Session::mail(std::string_view argument, bool is_smtputf8, std::string_view authentication_type) {
  begin_message();
  auth::Envelope envelope;
  envelope.connection = connection_;
  envelope.reverse_path = message::parse_reverse_path(argument);
  envelope.authentication_type = authentication_type;
  envelope.is_smtputf8 = is_smtputf8;
  const auth::Context context{*setup_->resolver, service_.log, service_.now, service_.draw};
  message_ = std::make_unique<auth::MessageCheck>(context, std::shared_ptr<const auth::Options>(setup_, &setup_->options),
                                                  std::move(envelope));
}

void Session::header(std::string_view name, std::string_view value) {
  if (message_ && !is_header_over_) message_->add_field(name, value);
}

void Session::end_of_header() {
  if (!message_ || is_header_over_) return;
  is_header_over_ = true;
  message_->end_of_header();
}

bool Session::wants_body() const { return message_ && is_header_over_ && message_->wants_body(); }

void Session::body(std::string_view chunk) {
  end_of_header();  // of an MTA that did not say so; what it sends is delivered all the same
  if (wants_body()) message_->add_body(chunk);
}

auth::Report Session::end_of_message(std::string_view queue_id) {
  auth::Report report;
  if (message_ && !is_faulty_) {
    end_of_header();  // a message without any field has no end of header of its own
    message_->set_queue_id(queue_id);
    report = message_->finish();
  } else {
    report = fallback(queue_id);
  }
  if (service_.metrics != nullptr) service_.metrics->count(report, (setup_ ? setup_ : service_.setup.take())->options);
  end_message();
  log(report);
  return report;
}

/// Of a message that was only compared, what differs; its own line is then for those who ask for more.
void Session::log(const auth::Report& report) {
  const auto level = report.shadow ? base::LogLevel::debug : base::LogLevel::info;
  if (service_.log.wants(level, base::LogComponent::message))
    service_.log.write(level, base::LogComponent::message, {}, auth::log_fields(report));
  if (!report.shadow) return;
  for (const auto& difference : *report.shadow)
    service_.log.write(base::LogLevel::info, base::LogComponent::shadow, "differs", auth::log_fields(report, difference));
  service_.shadow.count(report.shadow->empty());
}

auth::Report Session::fallback(std::string_view queue_id) const {
  const SetupPtr setup = setup_ ? setup_ : service_.setup.take();
  auth::Report report;
  report.envelope.queue_id = queue_id;
  report.envelope.connection = connection_;
  report.is_monitor = setup->options.is_monitor;
  report.disposition = auth::internal_error(setup->options.defer_on_internal_error);
  return report;
}

void Session::fault(std::string_view where, std::string_view what) noexcept {
  is_faulty_ = true;
  try {
    service_.log.write(base::LogLevel::error, base::LogComponent::milter, "internal error",
                       base::LogFields().add_outside("callback", where).add_outside("what", what));
  } catch (...) {  // no memory for the line: the verdict still says internal-error
    service_.log.write(base::LogLevel::error, base::LogComponent::milter, "internal error: out of memory");
  }
}

}  // namespace milter
