package indicator

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfduration"
)

// setModel is mde_indicator_set.
type setModel struct {
	settings
	ID            types.String `tfsdk:"id"`
	IndicatorType types.String `tfsdk:"indicator_type"`
	Indicators    types.Map    `tfsdk:"indicators"`
	ExpiredCount  types.Int64  `tfsdk:"expired_count"`
	Timeouts      types.Object `tfsdk:"timeouts"`
}

// notes are the values with their notes.
func (m *setModel) notes() map[string]types.String {
	elements := m.Indicators.Elements()
	notes := make(map[string]types.String, len(elements))
	for value, element := range elements {
		if note, ok := element.(types.String); ok {
			notes[value] = note
		}
	}
	return notes
}

// setNotes is the way back.
func (m *setModel) setNotes(notes map[string]types.String) {
	elements := make(map[string]attr.Value, len(notes))
	for value, note := range notes {
		elements[value] = note
	}
	m.Indicators = types.MapValueMust(types.StringType, elements)
}

// inOrder are the values as messages and batches go through them.
func inOrder[V any](of map[string]V) []string { return slices.Sorted(maps.Keys(of)) }

// toAPI returns a function that makes the record of each value. It looks at
// the shared settings once.
func (m *setModel) toAPI() func(value string, note types.String) mde.Indicator {
	shared := m.settings.toAPI()
	return func(value string, note types.String) mde.Indicator {
		record := shared
		record.IndicatorValue, record.IndicatorType = value, m.typeOf(value)
		if text := note.ValueString(); text != "" {
			record.Description = text
		}
		return record
	}
}

func (m *setModel) bounds(ctx context.Context) tfduration.Defaults {
	return boundsOf(ctx, m.Timeouts)
}

// typeOf is the type of a value of this set, empty when it cannot be inferred.
func (m *setModel) typeOf(value string) string {
	if explicit := m.IndicatorType.ValueString(); explicit != "" {
		return explicit
	}
	return inferType(value)
}

// inferType tells the type of a value by its form, empty when it has none. It
// takes 40 digits for a file's hash, never for a certificate's thumbprint.
func inferType(value string) string {
	if !strings.ContainsFunc(value, func(r rune) bool { return !isHex(r) }) {
		for _, hash := range []string{mde.TypeFileMD5, mde.TypeFileSHA1, mde.TypeFileSHA256} {
			if len(value) == hashDigits(hash) {
				return hash
			}
		}
	}
	_, err := netip.ParsePrefix(value)
	switch {
	case isAddress(value), err == nil: // A range is refused in the words for addresses.
		return mde.TypeIPAddress
	case strings.Contains(value, "://"):
		return mde.TypeURL
	case strings.Contains(value, "."):
		return mde.TypeDomainName
	}
	return ""
}

// newUUID makes a random UUID (RFC 9562, version 4).
func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // It never fails.
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
