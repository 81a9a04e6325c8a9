package indicator

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

// drift tells in what the record differs from what is wanted, as the value's
// line of a plan shows it; empty when in nothing.
func drift(record, want mde.Indicator) string {
	if record.Application == want.Application && record.Key() == want.Key() && record.Holds(want) {
		return ""
	}
	var all []string
	text := func(name, got, wanted string) {
		if got != wanted {
			all = append(all, fmt.Sprintf("%s = %q", name, got))
		}
	}
	if mde.CanonicalAction(record.Action) != mde.CanonicalAction(want.Action) {
		text("action", record.Action, "")
	}
	text("title", record.Title, want.Title)
	text("description", record.Description, want.Description)
	if !strings.EqualFold(record.Severity, want.Severity) {
		text("severity", record.Severity, "")
	}
	text("application", record.Application, want.Application)
	text("expiration_time", instantText(record.ExpirationTime), instantText(want.ExpirationTime))
	text("recommended_actions", record.RecommendedActions, want.RecommendedActions)
	text("educate_url", record.EducateURL, want.EducateURL)
	if record.GenerateAlert != want.GenerateAlert {
		all = append(all, fmt.Sprintf("generate_alert = %t", record.GenerateAlert))
	}
	if groups := sorted(record.RBACGroupNames); !slices.Equal(groups, sorted(want.RBACGroupNames)) {
		all = append(all, fmt.Sprintf("rbac_group_names = %q", groups))
	}
	return "drift: " + strings.Join(all, ", ")
}

// driftOfAction is the drift of a value of which only another action's record
// exists.
func driftOfAction(action string) string { return fmt.Sprintf("drift: action = %q", action) }

// driftOfLeft is the drift of a value that has a record beside the wanted one.
func driftOfLeft(s successor, want mde.Indicator) string {
	if s.Action != want.Action {
		return driftOfAction(s.Action)
	}
	return fmt.Sprintf("drift: a second record, id = %q", s.ID)
}

func instantText(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Truncate(time.Second).Format(time.RFC3339)
}
