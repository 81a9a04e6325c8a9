package mde

import (
	"cmp"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/idna"
)

// IndicatorKey is what the service keys a record by: value, type and action,
// each in the spelling that compares equal (see [Indicator.Key]).
type IndicatorKey struct {
	Type, Value, Action string
}

// Key returns the normalised key of the record.
func (i Indicator) Key() IndicatorKey {
	return IndicatorKey{Type: i.IndicatorType, Value: NormalizeValue(i.IndicatorType, i.IndicatorValue), Action: CanonicalAction(i.Action)}
}

// NormalizeValue returns the spelling in which two values of that type compare
// equal exactly when the service takes them for the same: hashes, domains and
// URL hosts in lower case, IPv6 as eight groups.
func NormalizeValue(indicatorType, value string) string {
	switch indicatorType {
	case TypeIPAddress:
		return expandIP(value)
	case TypeURL:
		return lowerHost(value)
	default:
		return strings.ToLower(value)
	}
}

// sentValue is the spelling that a write sends: as configured, but for IPv6,
// which the service wants with all eight groups written out.
func sentValue(indicatorType, value string) string {
	if indicatorType == TypeIPAddress {
		return expandIP(value)
	}
	return value
}

func expandIP(value string) string {
	addr, err := netip.ParseAddr(value)
	if err != nil {
		return strings.ToLower(value)
	}
	return addr.StringExpanded()
}

// unpadded is an address in eight groups without leading zeros.
func unpadded(addr netip.Addr) string {
	if addr.Is4() {
		return addr.String()
	}
	groups := strings.Split(addr.StringExpanded(), ":")
	for i, group := range groups {
		groups[i] = cmp.Or(strings.TrimLeft(group, "0"), "0")
	}
	return strings.Join(groups, ":")
}

// lowerHost lowers scheme and host and leaves the rest, whose case may matter.
// The lone slash of an empty path means nothing.
func lowerHost(value string) string {
	site, tail := cutHost(value)
	if tail == "/" {
		tail = ""
	}
	return strings.ToLower(site) + tail
}

func upperHost(value string) string {
	site, tail := cutHost(value)
	return strings.ToUpper(site) + tail
}

// cutHost parts a URL after its host.
func cutHost(value string) (site, tail string) {
	start := 0
	if scheme, _, ok := strings.Cut(value, "://"); ok {
		start = len(scheme) + len("://")
	}
	end := strings.IndexAny(value[start:], "/?#")
	if end < 0 {
		return value, ""
	}
	return value[:start+end], value[start+end:]
}

// Alike tells whether a service may have made one spelling of the other when it
// stored the value: how it normalises is not documented. Two values that are
// alike may still be different records to it, so that this is for records that
// are known otherwise, by their id or from the answer to a write.
func Alike(a, b string) bool { return a == b || loose(a) == loose(b) }

// loose takes away what normalisation may change: letter case, escapes, the
// form of international names, a scheme, and what ends in nothing.
func loose(value string) string {
	if addr, err := netip.ParseAddr(value); err == nil {
		return addr.StringExpanded()
	}
	text := strings.ToLower(value)
	if plain, err := url.PathUnescape(text); err == nil {
		text = plain
	}
	if _, rest, ok := strings.Cut(text, "://"); ok {
		text = rest
	}
	host, tail := text, ""
	if i := strings.IndexAny(text, "/?#"); i >= 0 {
		host, tail = text[:i], text[i:]
	}
	if ascii, err := idna.Punycode.ToASCII(host); err == nil {
		host = ascii
	}
	return strings.TrimRight(host+tail, "/.")
}

// spellings are those under which the tenant may hold a value: a filter
// compares exactly, and older tools wrote in upper case.
func spellings(indicatorType, value string) []string {
	normal := NormalizeValue(indicatorType, value)
	all := []string{value, normal}
	switch indicatorType {
	case TypeIPAddress:
		if addr, err := netip.ParseAddr(value); err == nil {
			all = append(all, addr.String(), unpadded(addr), strings.ToUpper(unpadded(addr)), strings.ToUpper(normal))
		}
	case TypeURL:
		if _, rest, _ := strings.Cut(normal, "://"); !strings.ContainsAny(rest, "/?#") {
			all = append(all, normal+"/")
		}
		all = append(all, upperHost(normal))
	default:
		all = append(all, strings.ToUpper(value))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// CanonicalAction resolves the old action names: AlertAndBlock is
// BlockAndRemediate with an alert, Alert is Audit with an alert.
func CanonicalAction(action string) string {
	switch action {
	case ActionAlertAndBlock:
		return ActionBlockAndRemediate
	case ActionAlert:
		return ActionAudit
	}
	return action
}

// DemandsAlert tells whether the action is only valid with generateAlert true
// (Audit, and the old names Alert and AlertAndBlock).
func DemandsAlert(action string) bool {
	return action == ActionAudit || action == ActionAlert || action == ActionAlertAndBlock
}
