package iocfeed

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

// sorter sorts the entries of one source into groups.
type sorter struct {
	dialect
	overrides Overrides
	rules     Rules
}

// record is an entry that can be an indicator.
type record struct {
	entry
	indicatorType, value, note string
	settings                   Settings
}

// recordKey is what the service keeps one record of.
type recordKey struct{ indicatorType, value, action string }

func (r record) key() recordKey {
	return recordKey{r.indicatorType, r.value, r.settings.Action}
}

func (s sorter) sort(entries []entry, skipped []Skip) (Result, error) {
	records := make([]record, 0, len(entries))
	for _, e := range entries {
		r, reason, err := s.record(e)
		switch {
		case err != nil:
			return Result{}, err
		case reason != "":
			skipped = append(skipped, e.skip(reason))
		default:
			records = append(records, r)
		}
	}
	// As in the portal's import, a later row overwrites an earlier one.
	last := make(map[recordKey]int, len(records))
	for i, r := range records {
		last[r.key()] = i
	}
	groups := map[Settings]Group{}
	for i, r := range records {
		if latest := last[r.key()]; latest != i {
			skipped = append(skipped, r.skip(fmt.Sprintf("%s %s has %q with the action %s again, and the later one counts", s.row, records[latest].name(), r.entry.value, r.settings.Action)))
			continue
		}
		group, ok := groups[r.settings]
		if !ok {
			group = Group{Settings: r.settings, Indicators: map[string]string{}}
			groups[r.settings] = group
		}
		group.Indicators[r.value] = r.note
	}
	if len(groups) > MaxGroups {
		return Result{}, s.tooMany(groups)
	}
	result := Result{Groups: make(map[string]Group, len(groups)), Skipped: skipped}
	for settings, group := range groups {
		result.Groups[s.key(settings)] = group
	}
	slices.SortStableFunc(result.Skipped, func(a, b Skip) int { return cmp.Compare(a.Row, b.Row) })
	return result, nil
}

// record settles what the entry means, or the reason why it is skipped. A
// setting that cannot be read is an error: a typing mistake, not a limit of the
// service.
func (s sorter) record(e entry) (record, string, error) {
	given, err := readType(or(s.overrides.IndicatorType, e.indicatorType))
	if err != nil {
		return record{}, "", fmt.Errorf("%s: %w", s.at(e, "indicator_type"), err)
	}
	r := record{entry: e, indicatorType: cmp.Or(given, s.rules.TypeOf(e.value))}
	if reason := s.obstacle(e.value, r.indicatorType); reason != "" {
		return record{}, reason, nil
	}
	r.value = mde.NormalizeValue(r.indicatorType, e.value)
	if r.settings, err = s.settings(e); err != nil {
		return record{}, "", err
	}
	if s.rules.TypeOf(r.value) != r.indicatorType || or(s.overrides.IndicatorType, "") != "" {
		r.settings.IndicatorType = r.indicatorType
	}
	if s.rules.ShowsNotice(r.indicatorType, r.settings.Action) {
		r.settings.EducateURL = or(s.overrides.EducateURL, "")
	}
	r.note = s.note(e)
	return r, "", nil
}

// obstacle is why a value cannot be an indicator, empty when it can.
func (s sorter) obstacle(value, indicatorType string) string {
	switch {
	case value == "":
		return "the value is empty"
	case indicatorType == "":
		return fmt.Sprintf("%q has the form of neither a hash, an address, a domain nor a URL", value)
	case indicatorType == webCategory:
		return "the service takes no indicators of the type WebCategory"
	}
	if err := s.rules.Check(indicatorType, value); err != nil {
		return err.Error()
	}
	return ""
}

// settings are the row's own with the overrides in their place, defaults
// written out so that rows that mean the same share a group.
func (s sorter) settings(e entry) (Settings, error) {
	title := or(s.overrides.Title, e.title)
	if title == "" {
		return Settings{}, s.missing(e, "title")
	}
	settings := Settings{
		Title:              title,
		Description:        cmp.Or(or(s.overrides.Description, ""), title),
		Application:        or(s.overrides.Application, ""),
		ExpiresIn:          or(s.overrides.ExpiresIn, ""),
		RenewBefore:        or(s.overrides.RenewBefore, ""),
		RecommendedActions: or(s.overrides.RecommendedActions, e.recommendedActions),
		groups:             joinGroups(splitNames(e.rbacGroups)),
	}
	if s.overrides.RBACGroupNames != nil {
		settings.groups = joinGroups(s.overrides.RBACGroupNames)
	}
	var err error
	if settings.Severity, err = readSeverity(or(s.overrides.Severity, e.severity)); err != nil {
		return Settings{}, fmt.Errorf("%s: %w", s.at(e, "severity"), err)
	}
	if settings.ExpiresIn == "" {
		if settings.ExpirationTime, err = readTime(or(s.overrides.ExpirationTime, e.expirationTime)); err != nil {
			return Settings{}, fmt.Errorf("%s: %w", s.at(e, "expiration_time"), err)
		}
	}
	settings.Action, settings.GenerateAlert, err = s.action(e)
	return settings, err
}

// action is the action by its present name, and whether it raises alerts.
func (s sorter) action(e entry) (action string, alert bool, err error) {
	text := or(s.overrides.Action, e.action)
	if text == "" {
		return "", false, s.missing(e, "action")
	}
	if action, err = readAction(text); err != nil {
		return "", false, fmt.Errorf("%s: %w", s.at(e, "action"), err)
	}
	demanded := mde.DemandsAlert(action)
	if s.overrides.GenerateAlert != nil {
		alert = *s.overrides.GenerateAlert
	} else if alert, err = readBool(e.generateAlert); err != nil {
		return "", false, fmt.Errorf("%s: %w", s.at(e, "generate_alert"), err)
	} else if e.generateAlert == "" || s.overrides.Action != nil {
		alert = alert || demanded // The row says nothing of this action.
	}
	if demanded && !alert {
		return "", false, fmt.Errorf("%s: the action %s cannot do without an alert", s.at(e, "generate_alert"), action)
	}
	return mde.CanonicalAction(action), alert, nil
}

// missing is a setting that neither the row nor an override gives.
func (s sorter) missing(e entry, attribute string) error {
	place := fmt.Sprintf("%s %s", s.row, e.name())
	if name := s.columns[attribute]; name != "" {
		return fmt.Errorf("%s, %s %s: it is empty, and every indicator needs a %s: fill it in, or give one for all with overrides = { %s = … }", place, s.column, name, attribute, attribute)
	}
	return fmt.Errorf("%s: the format does not tell the %s, which every indicator needs: give one for all with overrides = { %s = … }", place, attribute, attribute)
}

// note is what is told of this value alone, if no override replaces it.
func (s sorter) note(e entry) string {
	switch {
	case s.overrides.Description != nil:
		return ""
	case e.description == "" && s.overrides.Title != nil:
		return e.title
	}
	return e.description
}
