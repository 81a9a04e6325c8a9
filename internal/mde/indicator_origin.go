package mde

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/mde-as-code/terraform-provider-mde/internal/coalesce"
)

// maxDated is how many records are written once more to learn their creation
// time. The rest is taken to be as old as the youngest of these.
const maxDated = 20

// Stamps are records by id, of which the service's own marks count.
type Stamps map[string]Indicator

// Stamp returns the record with who created it, and when, as far as known.
func (s Stamps) Stamp(record Indicator) Indicator {
	if stamped, ok := s[record.ID]; ok {
		record.CreationTimeDateTimeUTC, record.LastUpdateTime, record.CreatedBy = stamped.CreationTimeDateTimeUTC, stamped.LastUpdateTime, stamped.CreatedBy
	}
	return record
}

// IsOwn tells whether the record names this application as its creator.
func (s *Indicators) IsOwn(record Indicator) bool {
	self := s.client.Identity().ClientID
	return self != "" && strings.EqualFold(record.CreatedBy, self)
}

// Strangers returns the stamps of those records, just written by imports as new
// ones, that the service does not list. Imports do not tell when a record was
// created, and a token for the application's own records does not list those of
// others, so that among these are the ones that were somebody else's before.
// With any other token it makes no call and returns nothing. Visible is how many
// records the token lists if there is no stranger, -1 if nobody knows.
func (s *Indicators) Strangers(ctx context.Context, imported iter.Seq[Indicator], visible int) (Stamps, error) {
	if !s.client.Identity().OwnIndicatorsOnly() {
		return nil, nil
	}
	written := slices.Collect(imported)
	if len(written) == 0 {
		return nil, nil
	}
	if visible >= 0 {
		if count, err := s.count(ctx); err == nil && count == visible {
			return nil, nil
		}
	}
	listed, err := s.stored(ctx, written)
	if err != nil {
		return nil, err
	}
	var hidden []Indicator
	for _, record := range written {
		if _, ok := listed.get(record.ID); !ok {
			hidden = append(hidden, record)
		}
	}
	return s.date(ctx, hidden)
}

// date writes the first of the records once more: unlike the answer of an
// import, that of a single write is the whole record. A list that lags hides
// records, too, and of these the creation time shows that they are new.
func (s *Indicators) date(ctx context.Context, hidden []Indicator) (Stamps, error) {
	stamps := make(Stamps, len(hidden))
	var youngest Indicator
	for i, record := range hidden {
		if i >= maxDated {
			stamps[record.ID] = youngest
			continue
		}
		answer, err := s.post(ctx, record)
		if err != nil {
			return stamps, err
		}
		if stamps[record.ID] = answer; answer.CreationTimeDateTimeUTC.After(youngest.CreationTimeDateTimeUTC) {
			youngest = answer
		}
	}
	return stamps, nil
}

// submitStamped is submitMany for records of many callers. A record that has an
// id is known to be the application's own.
func (s *Indicators) submitStamped(ctx context.Context, items []Indicator) []coalesce.Result[Indicator] {
	results := s.submitMany(ctx, items)
	var written []Indicator
	for i, result := range results {
		if result.Err == nil && items[i].ID == "" && result.Value.CreationTimeDateTimeUTC.IsZero() {
			written = append(written, result.Value)
		}
	}
	stamps, err := s.Strangers(ctx, slices.Values(written), -1)
	if err != nil {
		s.client.log.WarnContext(ctx, "Whether indicators were somebody else's before cannot be told", "error", err)
	}
	for i := range results {
		results[i].Value = stamps.Stamp(results[i].Value)
	}
	return results
}
