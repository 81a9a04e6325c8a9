package iocfeed

import (
	"errors"
	"fmt"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

// Overrides replace what the rows say. A nil one leaves the rows their own; an
// empty one clears it.
type Overrides struct {
	IndicatorType, Action, Title, Description, Severity, Application       *string
	ExpirationTime, ExpiresIn, RenewBefore, RecommendedActions, EducateURL *string
	GenerateAlert, AdoptExisting                                           *bool
	RBACGroupNames                                                         []string
}

// Check returns the overrides in the spelling of the API, or what is wrong
// with one of them.
func (o Overrides) Check() (Overrides, error) {
	for _, read := range []struct {
		attribute string
		text      **string
		read      func(string) (string, error)
	}{
		{"indicator_type", &o.IndicatorType, readType},
		{"action", &o.Action, readAction},
		{"severity", &o.Severity, readSeverity},
		{"expiration_time", &o.ExpirationTime, readTime},
	} {
		if *read.text == nil {
			continue
		}
		text, err := read.read(**read.text)
		if err != nil {
			return Overrides{}, fmt.Errorf("%s: %w", read.attribute, err)
		}
		*read.text = &text
	}
	switch {
	case or(o.IndicatorType, "") == webCategory:
		return Overrides{}, errors.New("indicator_type: WebCategory can be read but not written")
	case o.Title != nil && *o.Title == "":
		return Overrides{}, errors.New("title: an indicator needs a title")
	case or(o.ExpirationTime, "") != "" && or(o.ExpiresIn, "") != "":
		return Overrides{}, errors.New("expiration_time and expires_in exclude each other")
	case o.GenerateAlert != nil && !*o.GenerateAlert && mde.DemandsAlert(or(o.Action, "")):
		return Overrides{}, fmt.Errorf("generate_alert: %s cannot do without an alert", *o.Action)
	}
	return o, nil
}

// or is the override, or the row's own.
func or(override *string, own string) string {
	if override != nil {
		return *override
	}
	return own
}
