// Package guardrail holds the rules of the provider block that bound what a
// configuration may do to a tenant. The rules are pure: they judge values that
// they are handed. The package refuses to know Terraform's types, to make a
// call, and to decide what is new or changed; that is the business of whoever
// asks.
//
// A set asks for a whole map in one pass, with what is new or changed in it:
//
//	for _, refusal := range r.Guardrails.Check(indicators) { // One for each rule.
//		diags.AddAttributeError(at(refusal), refusal.Summary(), refusal.Error())
//	}
package guardrail

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

// Rule is the name of a rule, as the provider block has it.
type Rule string

// The rules.
const (
	ProtectedValues       Rule = "protected_values"
	AllowedActions        Rule = "allowed_actions"
	RequireExpiration     Rule = "require_expiration"
	MaxIndicatorDeletions Rule = "max_indicator_deletions"
	MaxRuns               Rule = "max_runs"
	RequireSHA256         Rule = "require_sha256"
)

// Settings are the rules as they are configured. What is not known yet is left
// out and binds nothing.
type Settings struct {
	ProtectedValues       []string
	AllowedActions        []string
	RequireExpiration     bool
	MaxIndicatorDeletions *int64
	MaxRuns               *int64
	RequireSHA256         bool
}

// SettingError is an element of a rule's list that cannot be meant.
type SettingError struct {
	Rule  Rule
	Index int
	err   error
}

// Error implements error.
func (e SettingError) Error() string { return e.err.Error() }

// Rules are the rules of one provider configuration, with what they have
// counted. A nil *Rules binds nothing.
type Rules struct {
	protected         protected
	allowed           []string
	requireExpiration bool
	requireSHA256     bool
	deletions         deletions
	runs              runs
}

// New returns the rules, or everything that is wrong with their settings.
func New(settings Settings) (*Rules, []SettingError) {
	r := &Rules{
		protected:         newProtected(),
		requireExpiration: settings.RequireExpiration,
		requireSHA256:     settings.RequireSHA256,
		deletions:         newDeletions(settings.MaxIndicatorDeletions),
		runs:              runs{limit: settings.MaxRuns, planned: map[string]bool{}},
	}
	var wrong []SettingError
	for i, value := range settings.ProtectedValues {
		if err := r.protected.add(value); err != nil {
			wrong = append(wrong, SettingError{ProtectedValues, i, err})
		}
	}
	for i, action := range settings.AllowedActions {
		if !slices.Contains(actions(), action) {
			wrong = append(wrong, SettingError{AllowedActions, i, fmt.Errorf("%q is not an action of an indicator; the actions are %s", action, strings.Join(actions(), ", "))})
			continue
		}
		r.allowed = append(r.allowed, mde.CanonicalAction(action))
	}
	return r, wrong
}

// actions are the actions that a configuration may name.
func actions() []string {
	return []string{
		mde.ActionAllowed, mde.ActionAudit, mde.ActionWarn, mde.ActionBlock, mde.ActionBlockAndRemediate,
		mde.ActionAlert, mde.ActionAlertAndBlock,
	}
}

// Indicator is what the rules look at. A text that is empty is not known yet
// and passes; so does an expiry that is not known, given as true.
type Indicator struct {
	Type, Value, Action string
	Expires             bool
}

// Check returns what is against the rules, at most one refusal for each of
// them. The indicators are those that are new or changed: the rules never bind
// what stays as it is. It goes through them once, and asks maps only.
func (r *Rules) Check(indicators []Indicator) []*Refusal {
	if r == nil {
		return nil
	}
	protected := &Refusal{Rule: ProtectedValues, remedy: "Remove what is protected, or use an action that neither blocks nor warns. If the protection is too wide, change protected_values."}
	action := &Refusal{Rule: AllowedActions, remedy: "Use one of " + strings.Join(r.allowed, ", ") + ", or change allowed_actions."}
	expiry := &Refusal{Rule: RequireExpiration, remedy: "Set expiration_time or expires_in."}
	for _, i := range indicators {
		if why := r.protectedBy(i); why != "" {
			protected.add(i.Value, why)
		}
		if i.Action != "" && len(r.allowed) > 0 && !slices.Contains(r.allowed, mde.CanonicalAction(i.Action)) {
			action.add(i.Value, i.Action)
		}
		if r.requireExpiration && !i.Expires {
			expiry.add(i.Value, "")
		}
	}
	protected.what = "must not be blocked or warned of"
	action.what = "must not have the action"
	expiry.what = "must not stay for ever"
	return slices.DeleteFunc([]*Refusal{protected, action, expiry}, func(r *Refusal) bool { return len(r.Values) == 0 })
}

// protectedBy says what protects the indicator's value, empty when it may have
// its action.
func (r *Rules) protectedBy(i Indicator) string {
	switch mde.CanonicalAction(i.Action) {
	case mde.ActionWarn, mde.ActionBlock, mde.ActionBlockAndRemediate:
		return r.protected.covers(i.Type, i.Value)
	}
	return ""
}

// CheckPin returns a refusal for a command that uses a file of the library and
// is not bound to its content.
func (r *Rules) CheckPin(command, file, sha256 string) *Refusal {
	if r == nil || !r.requireSHA256 || command == mde.CommandGetFile || sha256 != "" {
		return nil
	}
	refusal := &Refusal{Rule: RequireSHA256, what: "runs unpinned", remedy: "Set sha256 to the hash of the reviewed content, such as mde_library_file.example.sha256."}
	refusal.add(command+" "+file, "")
	return refusal
}

// shown is how many values a message names before it only counts them.
const shown = 20

// Refusal is what is against one rule.
type Refusal struct {
	Rule Rule
	// Values are all that is refused, as it was handed in.
	Values []string

	reasons      []string
	what, remedy string
}

func (r *Refusal) add(value, reason string) {
	r.Values = append(r.Values, value)
	r.reasons = append(r.reasons, reason)
}

// Summary is the headline.
func (r *Refusal) Summary() string { return "Refused by guardrails." + string(r.Rule) }

// Error says what is refused, why, and what to do.
func (r *Refusal) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "By guardrails.%s of the provider block, this %s:\n", r.Rule, r.what)
	for i, value := range r.Values[:min(shown, len(r.Values))] {
		text.WriteString("\n  - " + value)
		if r.reasons[i] != "" {
			text.WriteString(" (" + r.reasons[i] + ")")
		}
	}
	if more := len(r.Values) - shown; more > 0 {
		fmt.Fprintf(&text, "\n  and %d more", more)
	}
	return text.String() + "\n\n" + r.remedy
}
