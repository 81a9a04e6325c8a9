package iocfeed

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// stixDialect has the names of the properties of a STIX indicator. Action,
// severity and device groups are none of them.
func stixDialect() dialect {
	return dialect{row: "object", column: "property", columns: map[string]string{
		"title":           "name",
		"expiration_time": "valid_until",
	}}
}

// stixObject is what is read of any object of a bundle.
type stixObject struct {
	Type           string   `json:"type"`
	ID             string   `json:"id"`
	Name           string   `json:"name"`
	Description    string   `json:"description"`
	Pattern        string   `json:"pattern"`
	PatternType    string   `json:"pattern_type"`
	ValidUntil     string   `json:"valid_until"`
	Modified       string   `json:"modified"`
	Labels         []string `json:"labels"`
	IndicatorTypes []string `json:"indicator_types"`
	Revoked        bool     `json:"revoked"`
}

// STIX reads the indicators of a bundle of STIX 2.1, or of a TAXII envelope.
// The objects that give them context (identities, relationships, reports …)
// are no indicators and are not told of.
func STIX(text string, overrides Overrides, rules Rules) (Result, error) {
	raw, err := readBundle(text)
	if err != nil {
		return Result{}, err
	}
	objects := make([]stixObject, len(raw))
	for i, object := range raw {
		if err := json.Unmarshal(object, &objects[i]); err != nil {
			return Result{}, fmt.Errorf("object %d%s: %w", i+1, stixProperty(err), withoutGo(err))
		}
	}
	latest := latestVersions(objects)
	var entries []entry
	var skipped []Skip
	for i, object := range objects {
		e := entry{row: i + 1, id: object.ID}
		switch {
		case object.ID != "" && latest[object.ID] != i:
			skipped = append(skipped, e.skip(fmt.Sprintf("object %d is a newer version of it", latest[object.ID]+1)))
		case isContext(object.Type):
		default:
			found, given := object.entries(e)
			entries, skipped = append(entries, found...), append(skipped, given...)
		}
	}
	return sorter{stixDialect(), overrides, rules}.sort(entries, skipped)
}

func readBundle(text string) ([]json.RawMessage, error) {
	var bundle struct {
		Type    string            `json:"type"`
		Objects []json.RawMessage `json:"objects"`
	}
	data := []byte(strings.TrimPrefix(text, byteOrderMark))
	err := json.Unmarshal(data, &bundle)
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return nil, fmt.Errorf("the text is no JSON: line %d: %w", 1+bytes.Count(data[:syntax.Offset], []byte("\n")), err)
	case err != nil, bundle.Type != "bundle" && bundle.Objects == nil:
		return nil, errors.New(`the text is no STIX bundle: that is a JSON object with "type": "bundle" and a list of "objects"`)
	}
	return bundle.Objects, nil
}

// stixProperty names the property that has the wrong type.
func stixProperty(err error) string {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) && wrong.Field != "" {
		return ", property " + wrong.Field
	}
	return ""
}

// withoutGo says the same without the names of Go types.
func withoutGo(err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return fmt.Errorf("a %s is not what STIX has here", wrong.Value)
	}
	return err
}

// latestVersions is where the version of each id is that counts: the last one
// modified.
func latestVersions(objects []stixObject) map[string]int {
	latest := make(map[string]int, len(objects))
	modified := make([]time.Time, len(objects))
	for i, object := range objects {
		modified[i], _ = time.Parse(time.RFC3339, object.Modified) // Zero when there is none.
		if before, seen := latest[object.ID]; !seen || !modified[i].Before(modified[before]) {
			latest[object.ID] = i
		}
	}
	return latest
}

// isContext tells the objects that speak of indicators and are none.
func isContext(kind string) bool {
	return slices.Contains([]string{
		"attack-pattern", "campaign", "course-of-action", "extension-definition", "grouping", "identity", "incident", "infrastructure",
		"intrusion-set", "language-content", "location", "malware", "malware-analysis", "marking-definition", "note", "observed-data",
		"opinion", "relationship", "report", "sighting", "threat-actor", "tool", "vulnerability",
	}, kind)
}

// entries are the alternatives of the object's pattern, each on its own.
func (o stixObject) entries(e entry) ([]entry, []Skip) {
	switch {
	case o.Type != "indicator":
		return nil, []Skip{e.skip(fmt.Sprintf("an object of the type %q is no indicator", o.Type))}
	case o.Revoked:
		return nil, []Skip{e.skip("it is revoked")}
	case o.PatternType != "" && o.PatternType != "stix":
		return nil, []Skip{e.skip(fmt.Sprintf("its pattern is written in %q, and only STIX patterns can be read", o.PatternType))}
	}
	alternatives, err := parsePattern(o.Pattern)
	if err != nil {
		return nil, []Skip{e.skip(fmt.Sprintf("its pattern cannot be read: %v", err))}
	}
	e.title, e.expirationTime, e.description = strings.TrimSpace(o.Name), o.ValidUntil, o.note()
	var found []entry
	var skipped []Skip
	for _, alternative := range alternatives {
		kind, reason := alternative.indicatorType()
		if reason != "" {
			skipped = append(skipped, e.skip(reason))
			continue
		}
		one := e
		one.indicatorType, one.value = kind, strings.TrimSpace(alternative.value)
		found = append(found, one)
	}
	return found, skipped
}

// note is the description with the labels in brackets.
func (o stixObject) note() string {
	note := strings.TrimSpace(o.Description)
	labels := slices.Concat(o.IndicatorTypes, o.Labels)
	if len(labels) == 0 {
		return note
	}
	return strings.TrimSpace(note + " [" + strings.Join(labels, ", ") + "]")
}
