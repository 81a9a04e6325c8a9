package mdesim

import (
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// hashLengths are the hex digits of each type that is a hash.
var hashLengths = map[string]int{"FileMd5": 32, "FileSha1": 40, "FileSha256": 64, "CertificateThumbprint": 40}

var (
	indicatorTypes = []string{"FileSha1", "FileSha256", "FileMd5", "CertificateThumbprint", "IpAddress", "DomainName", "Url"}
	actions        = []string{"Allowed", "Audit", "Warn", "Block", "BlockAndRemediate", "Alert", "AlertAndBlock"}
	severities     = []string{"Informational", "Low", "Medium", "High"}
)

// modernActions are the names that replaced the old ones.
var modernActions = map[string]string{"Alert": "Audit", "AlertAndBlock": "BlockAndRemediate"}

// demandsAlert tells whether a record with that action always alerts.
func demandsAlert(action string) bool {
	_, isOld := modernActions[action]
	return isOld || action == "Audit"
}

func modernAction(action string) string {
	if modern, isOld := modernActions[action]; isOld {
		return modern
	}
	return action
}

// indicatorKey is what the service keys a record by.
type indicatorKey struct{ kind, value, action, groups string }

func (o Options) keyOf(i *Indicator) indicatorKey {
	key := indicatorKey{kind: i.IndicatorType, value: comparableValue(i.IndicatorType, i.IndicatorValue), action: modernAction(i.Action)}
	if o.LiteralActions {
		key.action = i.Action
	}
	if o.GroupsInKey {
		key.groups = strings.Join(slices.Sorted(slices.Values(i.RBACGroupNames)), "\n")
	}
	return key
}

// comparableValue is the spelling in which equal values are equal.
func comparableValue(kind, value string) string {
	switch kind {
	case "IpAddress":
		if address, err := netip.ParseAddr(value); err == nil {
			return address.String()
		}
	case "Url":
		scheme, rest, found := strings.Cut(value, "://")
		if !found {
			scheme, rest = "", value
		}
		host := rest
		if end := strings.IndexAny(rest, "/?#"); end >= 0 {
			host = rest[:end]
		}
		return strings.ToLower(scheme) + "://" + strings.ToLower(host) + rest[len(host):]
	}
	return strings.ToLower(value)
}

// checkIndicator refuses what the service refuses.
func checkIndicator(i *Indicator, now time.Time) error {
	switch {
	case i.IndicatorValue == "":
		return badRequest("InvalidInput", "Recieved an empty indicator value.")
	case !slices.Contains(indicatorTypes, i.IndicatorType):
		return badRequest("InvalidRequestBody", "Request body is incorrect: the indicator type '%s' is not valid.", i.IndicatorType)
	case !slices.Contains(actions, i.Action):
		return badRequest("InvalidRequestBody", "Request body is incorrect: the action '%s' is not valid.", i.Action)
	case !slices.Contains(severities, i.Severity):
		return badRequest("InvalidRequestBody", "Request body is incorrect: the severity '%s' is not valid.", i.Severity)
	case i.Action == "Audit" && !i.GenerateAlert:
		return badRequest("InvalidInput", "generateAlert must be true when the action is Audit.")
	case i.ExpirationTime != nil && !i.ExpirationTime.After(now):
		return badRequest("InvalidInput", "The expiration time must be in the future.")
	}
	return checkValue(i.IndicatorType, i.IndicatorValue)
}

// checkValue refuses a value that does not fit its type.
func checkValue(kind, value string) error {
	if length, isHash := hashLengths[kind]; isHash {
		isHex := !strings.ContainsFunc(value, func(c rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF", c) })
		if !isHex || len(value) != length {
			return badRequest("InvalidHashValue", "The hash value '%s' is not a valid %s.", value, kind)
		}
		return nil
	}
	switch {
	case kind == "IpAddress" && !isAddress(value):
		return badRequest("InvalidIpAddress", "The IP address '%s' is not valid.", value)
	case kind == "DomainName" && !isDomain(value):
		return badRequest("InvalidDomainName", "The domain name '%s' is not valid.", value)
	case kind == "Url" && !isURL(value):
		return badRequest("InvalidUrl", "The URL '%s' is not valid.", value)
	}
	return nil
}

// isAddress accepts IPv4, and IPv6 with all eight groups written out.
func isAddress(value string) bool {
	address, err := netip.ParseAddr(value)
	return err == nil && address.Zone() == "" && (address.Is4() || strings.Count(value, ":") == 7 && !strings.Contains(value, "::"))
}

func isDomain(value string) bool {
	labels := strings.Split(value, ".")
	bad := func(label string) bool {
		return label == "" || len(label) > 63 || strings.ContainsFunc(label, func(c rune) bool {
			return !unicode.IsLetter(c) && !unicode.IsDigit(c) && c != '-' && c != '_'
		})
	}
	return len(value) <= 253 && len(labels) > 1 && !slices.ContainsFunc(labels, bad)
}

func isURL(value string) bool {
	if strings.ContainsFunc(value, unicode.IsSpace) {
		return false
	}
	if !strings.Contains(value, "://") {
		value = "http://" + value
	}
	parsed, err := url.Parse(value)
	return err == nil && parsed.Hostname() != ""
}

// expire removes the records whose second has come.
func (t *tenant) expire(now time.Time) {
	if t.nextExpiry.IsZero() || now.Before(t.nextExpiry) {
		return
	}
	t.nextExpiry = time.Time{}
	for id, i := range t.Indicators {
		if i.ExpirationTime == nil {
			continue
		}
		if !now.Before(*i.ExpirationTime) {
			t.forget(id)
			continue
		}
		t.watchExpiry(i)
	}
}

func (t *tenant) watchExpiry(i *Indicator) {
	if i.ExpirationTime != nil && (t.nextExpiry.IsZero() || i.ExpirationTime.Before(t.nextExpiry)) {
		t.nextExpiry = *i.ExpirationTime
	}
}

func (t *tenant) forget(id string) {
	if key := t.options.keyOf(t.Indicators[id]); t.keys[key] == id {
		delete(t.keys, key)
	}
	delete(t.Indicators, id)
}

// keep stores a record under its id and key.
func (t *tenant) keep(i Indicator) {
	t.Indicators[i.ID] = &i
	t.keys[t.options.keyOf(&i)] = i.ID
	t.watchExpiry(&i)
}

func (t *tenant) newIndicatorID() string {
	t.LastIndicator++
	return strconv.Itoa(t.LastIndicator)
}

// submit creates a record or updates the one with the same key.
func (t *tenant) submit(i Indicator, by caller) (Indicator, error) {
	now, leave := t.enter()
	defer leave()
	return t.upsert(i, by, now)
}

func (t *tenant) upsert(i Indicator, by caller, now time.Time) (Indicator, error) {
	if i.Severity == "" {
		i.Severity = "Informational"
	}
	if err := checkIndicator(&i, now); err != nil {
		return i, err
	}
	if t.FailItems[i.IndicatorValue] {
		return i, badRequest("InvalidInput", "The indicator '%s' was refused.", i.IndicatorValue)
	}
	t.normalise(&i)
	old, exists := t.Indicators[t.keys[t.options.keyOf(&i)]]
	if exists {
		i.ID, i.Application = old.ID, old.Application
		i.CreatedBy, i.CreatedByDisplayName, i.CreatedBySource = old.CreatedBy, old.CreatedByDisplayName, old.CreatedBySource
		i.CreationTimeDateTimeUTC = old.CreationTimeDateTimeUTC
		i.LastUpdateTime, i.LastUpdatedBy = now, by.appID
		i.IndicatorValue = old.IndicatorValue
		t.keep(i)
		return clone(i), nil
	}
	if len(t.Indicators) >= t.options.IndicatorCap {
		return i, badRequest("BadRequest", "Max capacity exceeded: the tenant holds %d indicators.", t.options.IndicatorCap)
	}
	i.ID = t.newIndicatorID()
	i.CreatedBy, i.CreatedByDisplayName, i.CreatedBySource = by.appID, by.appName, "PublicApi"
	i.CreationTimeDateTimeUTC, i.LastUpdateTime, i.LastUpdatedBy = now, now, ""
	t.keep(i)
	return clone(i), nil
}

// normalise is what the service does to a record on write.
func (t *tenant) normalise(i *Indicator) {
	i.GenerateAlert = i.GenerateAlert || demandsAlert(i.Action)
	if t.options.Respell != nil {
		i.IndicatorValue = t.options.Respell(i.IndicatorType, i.IndicatorValue)
	}
	if _, isHash := hashLengths[i.IndicatorType]; !isHash {
		return
	}
	switch t.options.HashCase {
	case CaseLowered:
		i.IndicatorValue = strings.ToLower(i.IndicatorValue)
	case CaseRaised:
		i.IndicatorValue = strings.ToUpper(i.IndicatorValue)
	}
}

// clone copies a record with its lists.
func clone(i Indicator) Indicator {
	i.RBACGroupNames = slices.Clone(i.RBACGroupNames)
	i.RBACGroupIDs = slices.Clone(i.RBACGroupIDs)
	return i
}

// visible tells whether the caller's token shows it the record.
func visible(i *Indicator, to caller) bool { return !to.ownOnly || i.CreatedBy == to.appID }

// ghost is a deleted record that the list shows until then.
type ghost struct {
	Indicator

	until time.Time
}

// listIndicators returns what the caller sees in the list, by id.
func (t *tenant) listIndicators(to caller) []Indicator {
	now, leave := t.enter()
	defer leave()
	records := make([]Indicator, 0, len(t.Indicators))
	for _, g := range t.ghosts {
		if visible(&g.Indicator, to) && now.Before(g.until) {
			records = append(records, clone(g.Indicator))
		}
	}
	for _, i := range t.Indicators {
		if visible(i, to) && !now.Before(i.CreationTimeDateTimeUTC.Add(t.options.VisibilityLag)) {
			records = append(records, clone(*i))
		}
	}
	sortByID(records)
	return records
}

// sortByID puts records into the order of their numbers.
func sortByID(records []Indicator) {
	slices.SortFunc(records, func(a, b Indicator) int {
		if len(a.ID) != len(b.ID) {
			return len(a.ID) - len(b.ID)
		}
		return strings.Compare(a.ID, b.ID)
	})
}

func noIndicator(id string) error {
	return refuse(http.StatusNotFound, "ResourceNotFound", "Indicator %s was not found.", id)
}

func (t *tenant) getIndicator(id string, to caller) (Indicator, error) {
	_, leave := t.enter()
	defer leave()
	i, ok := t.Indicators[id]
	if !ok || !visible(i, to) {
		return Indicator{}, noIndicator(id)
	}
	return clone(*i), nil
}

// deleteIndicators removes all of ids, or none if one of them is missing.
func (t *tenant) deleteIndicators(ids []string, by caller) error {
	now, leave := t.enter()
	defer leave()
	for _, id := range ids {
		if i, ok := t.Indicators[id]; !ok || !visible(i, by) {
			return noIndicator(id)
		}
	}
	for _, id := range ids {
		i, ok := t.Indicators[id]
		if !ok {
			continue // Named twice.
		}
		if t.options.DeletionLag > 0 {
			t.ghosts = append(t.ghosts, ghost{Indicator: *i, until: now.Add(t.options.DeletionLag)})
		}
		t.forget(id)
	}
	return nil
}
