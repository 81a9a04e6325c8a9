package iocfeed

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"
)

// key names a group by its own settings alone: by nothing that another row
// could change. What an override makes equal in all groups is left out.
func (s sorter) key(g Settings) string {
	parts := []string{g.Action, g.Severity, expiry(g)}
	if s.overrides.Title == nil {
		parts = append(parts, keyText(g.Title))
	}
	if g.GenerateAlert && g.Action != "Audit" && s.overrides.GenerateAlert == nil {
		parts = append(parts, "alert")
	}
	if g.RecommendedActions != "" && s.overrides.RecommendedActions == nil {
		parts = append(parts, "do="+keyText(g.RecommendedActions))
	}
	if g.groups != "" && s.overrides.RBACGroupNames == nil {
		parts = append(parts, "groups="+keyText(strings.Join(g.RBACGroupNames(), ",")))
	}
	if g.EducateURL != "" {
		parts = append(parts, "notice")
	}
	if g.IndicatorType != "" && s.overrides.IndicatorType == nil {
		parts = append(parts, "type="+g.IndicatorType)
	}
	return strings.Join(parts, "/")
}

// expiry is the date alone when the time is midnight.
func expiry(g Settings) string {
	if day, ok := strings.CutSuffix(g.ExpirationTime, "T00:00:00Z"); ok {
		return day
	}
	return cmp.Or(g.ExpirationTime, g.ExpiresIn, "never")
}

// keyRunes is how much of a text a key shows.
const keyRunes = 48

// keyText writes a text on one line, shortened; a hash of the whole tells it
// from others that begin alike. Escapes keep different texts different.
func keyText(text string) string {
	shown := strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(shown) > keyRunes {
		shown = strings.TrimSpace(string([]rune(shown)[:keyRunes])) + "…"
	}
	escaped := strings.NewReplacer("%", "%25", "/", "%2F", "~", "%7E").Replace(shown)
	if shown == text {
		return escaped
	}
	sum := sha256.Sum256([]byte(text))
	return escaped + "~" + hex.EncodeToString(sum[:4])
}

// tooMany names the column that makes the most difference.
func (s sorter) tooMany(groups map[Settings]Group) error {
	splitters := []struct {
		attribute string
		of        func(Settings) string
	}{
		{"title", func(g Settings) string { return g.Title }},
		{"expiration_time", func(g Settings) string { return g.ExpirationTime }},
		{"recommended_actions", func(g Settings) string { return g.RecommendedActions }},
		{"rbac_group_names", func(g Settings) string { return g.groups }},
		{"action", func(g Settings) string { return g.Action }},
		{"severity", func(g Settings) string { return g.Severity }},
	}
	worst, most := "", 0
	for _, splitter := range splitters {
		distinct := map[string]bool{}
		for g := range groups {
			distinct[splitter.of(g)] = true
		}
		if len(distinct) > most {
			worst, most = splitter.attribute, len(distinct)
		}
	}
	return fmt.Errorf("the rows make %d groups of equal settings, more than %d: the %s %s splits them, with %d different values. Give one value for all with overrides = { %s = … }, or fewer different ones",
		len(groups), MaxGroups, s.column, s.columns[worst], most, worst)
}
