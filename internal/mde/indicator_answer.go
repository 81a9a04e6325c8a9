package mde

import (
	"bytes"
	"cmp"
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unique"
)

// indicatorAnswer is a record as the service answers it. Documentation and
// recordings disagree about the form of some fields, and a list is read whole
// or not at all: what has one meaning only is taken in every form.
type indicatorAnswer struct {
	ID                 opaque   `json:"id"`
	IndicatorValue     string   `json:"indicatorValue"`
	IndicatorType      string   `json:"indicatorType"`
	Action             string   `json:"action"`
	Title              string   `json:"title"`
	Description        string   `json:"description"`
	Severity           string   `json:"severity"`
	Application        string   `json:"application"`
	ExpirationTime     *instant `json:"expirationTime"`
	RecommendedActions string   `json:"recommendedActions"`
	EducateURL         string   `json:"educateUrl"`
	GenerateAlert      *flag    `json:"generateAlert"`
	RBACGroupNames     names    `json:"rbacGroupNames"`

	CreatedBy               string  `json:"createdBy"`
	CreatedByDisplayName    string  `json:"createdByDisplayName"`
	CreatedBySource         string  `json:"createdBySource"`
	CreationTimeDateTimeUTC instant `json:"creationTimeDateTimeUtc"`
	LastUpdateTime          instant `json:"lastUpdateTime"`
	LastUpdatedBy           string  `json:"lastUpdatedBy"`
}

// indicator is the record, with the service's defaults for what it leaves out.
// Thousands of records share their texts, which are kept once.
func (a *indicatorAnswer) indicator() Indicator {
	record := Indicator{
		ID: string(a.ID), IndicatorValue: a.IndicatorValue, IndicatorType: shared(a.IndicatorType), Action: shared(actionOf(a.Action)),
		Title: shared(a.Title), Description: shared(a.Description), Severity: shared(cmp.Or(a.Severity, SeverityInformational)), Application: shared(a.Application),
		RecommendedActions: shared(a.RecommendedActions), EducateURL: shared(a.EducateURL), RBACGroupNames: a.RBACGroupNames,
		CreatedBy: shared(a.CreatedBy), CreatedByDisplayName: shared(a.CreatedByDisplayName), CreatedBySource: shared(a.CreatedBySource),
		CreationTimeDateTimeUTC: time.Time(a.CreationTimeDateTimeUTC), LastUpdateTime: time.Time(a.LastUpdateTime), LastUpdatedBy: shared(a.LastUpdatedBy),
	}
	if record.GenerateAlert = DemandsAlert(record.Action); a.GenerateAlert != nil {
		record.GenerateAlert = bool(*a.GenerateAlert)
	}
	if a.ExpirationTime != nil && !time.Time(*a.ExpirationTime).IsZero() {
		expires := time.Time(*a.ExpirationTime)
		record.ExpirationTime = &expires
	}
	return record
}

// actionOf is an action in the documentation's spelling, in whatever case the
// service has answered it.
func actionOf(answered string) string {
	for _, action := range []string{ActionAllowed, ActionAudit, ActionWarn, ActionBlock, ActionBlockAndRemediate, ActionAlert, ActionAlertAndBlock} {
		if strings.EqualFold(action, answered) {
			return action
		}
	}
	return answered
}

func shared(text string) string { return unique.Make(text).Value() }

// opaque is an id: a text, or a number.
type opaque string

// UnmarshalJSON implements json.Unmarshaler.
func (o *opaque) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] != '"' && !isNull(data) {
		*o = opaque(data)
		return nil
	}
	return json.Unmarshal(data, (*string)(o))
}

// flag is a boolean: true, or "True".
type flag bool

// UnmarshalJSON implements json.Unmarshaler.
func (f *flag) UnmarshalJSON(data []byte) error {
	var text string
	if len(data) == 0 || data[0] != '"' {
		return json.Unmarshal(data, (*bool)(f))
	}
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	*f = flag(strings.EqualFold(text, "true"))
	return nil
}

// names are a list, or a text with commas.
type names []string

// UnmarshalJSON implements json.Unmarshaler.
func (n *names) UnmarshalJSON(data []byte) error {
	if len(data) == 0 || data[0] != '"' {
		return json.Unmarshal(data, (*[]string)(n))
	}
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	for name := range strings.SplitSeq(text, ",") {
		if name = strings.TrimSpace(name); name != "" {
			*n = append(*n, name)
		}
	}
	return nil
}

// instant is a time, in UTC where it names no zone; zero where there is none.
type instant time.Time

// UnmarshalJSON implements json.Unmarshaler.
func (i *instant) UnmarshalJSON(data []byte) error {
	if isNull(data) || string(data) == `""` {
		return nil
	}
	text, err := strconv.Unquote(string(data))
	if err != nil {
		return err
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		var plainErr error
		if t, plainErr = time.Parse("2006-01-02T15:04:05", text); plainErr != nil {
			return err
		}
	}
	*i = instant(t)
	return nil
}

func isNull(data []byte) bool { return bytes.Equal(data, []byte("null")) }
