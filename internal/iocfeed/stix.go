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

// stixHeader is what is read of every object of a bundle. Those of other types
// may have what they like beside it.
type stixHeader struct {
	Type     lenientText `json:"type"`
	ID       lenientText `json:"id"`
	Modified lenientText `json:"modified"`
}

// lenientText is a text, empty where something else stands in its place.
type lenientText string

// UnmarshalJSON implements json.Unmarshaler.
func (t *lenientText) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		*t = lenientText(text)
	}
	return nil
}

// stixIndicator is what is read of an indicator beside its header.
type stixIndicator struct {
	Name           string   `json:"name"`
	Description    string   `json:"description"`
	Pattern        string   `json:"pattern"`
	PatternType    string   `json:"pattern_type"`
	ValidUntil     string   `json:"valid_until"`
	Labels         []string `json:"labels"`
	IndicatorTypes []string `json:"indicator_types"`
	Revoked        bool     `json:"revoked"`
}

// STIX reads the indicators of a bundle of STIX 2.1, or of a TAXII envelope.
// The objects that give them context (identities, relationships, reports …)
// are no indicators and are not told of.
func STIX(text string, overrides Overrides, rules Rules) (Result, error) {
	objects, err := readBundle(text)
	if err != nil {
		return Result{}, err
	}
	headers := make([]stixHeader, len(objects))
	for i, object := range objects {
		_ = json.Unmarshal(object, &headers[i]) // What is no object at all has an empty one.
	}
	latest := latestVersions(headers)
	var entries []entry
	var skipped []Skip
	for i, header := range headers {
		e := entry{row: i + 1, id: string(header.ID)}
		switch {
		case header.ID != "" && latest[header.ID] != i:
			skipped = append(skipped, e.skip(fmt.Sprintf("object %d is a newer version of it", latest[header.ID]+1)))
		case isContext(string(header.Type)):
		case header.Type != "indicator":
			skipped = append(skipped, e.skip(fmt.Sprintf("an object of the type %q is no indicator", header.Type)))
		default:
			found, given := readIndicator(objects[i], e)
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
	case err != nil, bundle.Type != "bundle" && bundle.Objects == nil && !isEmptyEnvelope(data):
		return nil, errors.New(`the text is no STIX bundle: that is a JSON object with "type": "bundle" and a list of "objects"`)
	}
	return bundle.Objects, nil
}

// isEmptyEnvelope tells a TAXII envelope that has no objects, as the answer to a
// query that finds nothing has none. An empty object might be anything else's
// answer, and a feed that holds nothing has all its indicators deleted.
func isEmptyEnvelope(data []byte) bool {
	var properties map[string]json.RawMessage
	if json.Unmarshal(data, &properties) != nil || properties["more"] == nil {
		return false
	}
	for name := range properties {
		if name != "more" && name != "next" {
			return false
		}
	}
	return true
}

// latestVersions is where the version of each id is that counts: the last one
// modified.
func latestVersions(objects []stixHeader) map[lenientText]int {
	latest := make(map[lenientText]int, len(objects))
	modified := make([]time.Time, len(objects))
	for i, object := range objects {
		modified[i], _ = time.Parse(time.RFC3339, string(object.Modified)) // Zero when there is none.
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

// readIndicator returns what an indicator matches. One that cannot be read costs
// the others of the bundle nothing.
func readIndicator(data json.RawMessage, e entry) ([]entry, []Skip) {
	var indicator stixIndicator
	err := json.Unmarshal(data, &indicator)
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrong):
		return nil, []Skip{e.skip(fmt.Sprintf("its property %s cannot be of the JSON type %q", wrong.Field, wrong.Value))}
	case err != nil:
		return nil, []Skip{e.skip(fmt.Sprintf("it cannot be read: %v", err))}
	}
	return indicator.entries(e)
}

// entries are the alternatives of the indicator's pattern, each on its own.
func (o stixIndicator) entries(e entry) ([]entry, []Skip) {
	switch {
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
func (o stixIndicator) note() string {
	note := strings.TrimSpace(o.Description)
	labels := slices.Concat(o.IndicatorTypes, o.Labels)
	if len(labels) == 0 {
		return note
	}
	return strings.TrimSpace(note + " [" + strings.Join(labels, ", ") + "]")
}
