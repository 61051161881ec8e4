#include "dns/inquiry.hpp"

#include <stdexcept>

namespace dns {

bool InquiryBase::is_done() const {
  const std::lock_guard lock(mutex_);
  return is_done_;
}

std::size_t InquiryBase::question_count() const {
  const std::lock_guard lock(mutex_);
  return asked_;
}

void InquiryBase::advance() {
  {
    const std::lock_guard lock(mutex_);
    if (is_advancing_) return;  // whoever is in there will see is_stale_
    is_advancing_ = true;
  }
  // Questions are started with no lock held: a cached answer returns inside start(), through accept().
  for (;;) {
    const std::vector<Question> questions = step();
    for (const Question& question : questions) ask(question);
    const std::lock_guard lock(mutex_);
    if (is_done_ || is_closed_ || !is_stale_) {
      is_advancing_ = false;
      changed_.notify_all();
      return;
    }
  }
}

void InquiryBase::ask(const Question& question) try {
  resolver_.start(question, [weak = weak_from_this(), question](AnswerPtr answer) {
    if (const auto self = weak.lock()) self->accept(question, std::move(answer));
  });
} catch (...) {
  note_fault(std::current_exception());
}

/// On the DNS thread nobody above us could make use of an exception: the collector gets it.
void InquiryBase::note_fault(std::exception_ptr fault) {
  const std::lock_guard lock(mutex_);
  fault_ = std::move(fault);
  is_done_ = true;
}

/// With the lock held: a hole is filled. An evaluator that asks without end is a fault in it.
void InquiryBase::fill(const Question& question, Status status) {
  if (answers_.size() >= max_answers) throw std::logic_error("an evaluator asks without end");
  answers_.insert_or_assign(question, make_empty_answer(status));
}

/// One run of the evaluator; gives the questions to send now.
std::vector<Question> InquiryBase::step() try {
  const std::lock_guard lock(mutex_);
  std::vector<Question> questions;
  if (is_done_ || is_closed_ || !is_stale_) return questions;
  is_stale_ = false;
  View view(answers_, [this](const Question& question) { return take_at_hand(question); });
  is_done_ = run(view);
  if (is_done_) {
    answers_.clear();  // what matters of them is in the verdict
    return questions;
  }
  for (const Question& question : view.wanted()) {
    if (answers_.contains(question)) continue;  // it is out
    if (asked_ >= max_questions) {
      fill(question, Status::server_failure);
      is_stale_ = true;
      continue;
    }
    if (in_flight_ == max_in_flight) break;
    ++in_flight_;
    ++asked_;
    answers_.emplace(question, nullptr);
    questions.push_back(question);
  }
  return questions;
} catch (...) {
  note_fault(std::current_exception());
  return {};
}

/// With the lock held, in a run: an answer that need not be waited for counts as any other.
const Answer* InquiryBase::take_at_hand(const Question& question) {
  if (asked_ == max_questions) return nullptr;
  AnswerPtr answer = resolver_.at_hand(question);
  if (!answer) return nullptr;
  ++asked_;
  return answers_.emplace(question, admit(std::move(answer))).first->second.get();
}

void InquiryBase::accept(const Question& question, AnswerPtr answer) {
  {
    const std::lock_guard lock(mutex_);
    --in_flight_;
    if (is_closed_ || is_done_) return;
    answers_.at(question) = admit(std::move(answer));
    is_stale_ = true;
  }
  advance();
}

/// The answer, or a malformed one where there is no room for it. What was derived since the others came is counted, too,
/// so they are all looked at.
AnswerPtr InquiryBase::admit(AnswerPtr answer) const {
  std::size_t held = answer->octets();
  for (const auto& known : answers_) held += known.second ? known.second->octets() : 0;
  return held <= max_octets_ ? answer : make_empty_answer(Status::malformed);
}

void InquiryBase::wait_until(base::SteadyTime deadline) {
  std::unique_lock lock(mutex_);
  const auto is_settled = [this] { return is_done_ && !is_advancing_; };
  if (!changed_.wait_until(lock, deadline, is_settled)) {
    is_closed_ = true;
    changed_.wait(lock, [this] { return !is_advancing_; });
    if (!is_done_) decide_without_waiting();
  }
  if (fault_) std::rethrow_exception(fault_);
}

/// With the lock held: every hole is a timeout now, until the evaluator has no question left.
void InquiryBase::decide_without_waiting() {
  for (;;) {
    View view(answers_);
    is_done_ = run(view);
    if (is_done_) return answers_.clear();
    if (view.wanted().empty()) throw std::logic_error("an evaluator neither decided nor asked");
    for (const Question& question : view.wanted()) fill(question, Status::timeout);
  }
}

}  // namespace dns
