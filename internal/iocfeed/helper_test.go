package iocfeed_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/mde-as-code/terraform-provider-mde/internal/iocfeed"
)

// rules are simple ones: what a value may be is the caller's business.
func rules() iocfeed.Rules {
	return iocfeed.Rules{
		TypeOf: func(value string) string {
			switch {
			case len(value) == 64:
				return "FileSha256"
			case len(value) == 40:
				return "FileSha1"
			case len(value) == 32:
				return "FileMd5"
			case strings.Contains(value, "://"):
				return "Url"
			case strings.ContainsAny(value, ":/") || strings.Trim(value, "0123456789.") == "":
				return "IpAddress"
			case strings.Contains(value, "."):
				return "DomainName"
			}
			return ""
		},
		Check: func(indicatorType, value string) error {
			if indicatorType == "IpAddress" && strings.Contains(value, "/") {
				return errors.New("a range is no address")
			}
			return nil
		},
		ShowsNotice: func(indicatorType, action string) bool { return indicatorType == "Url" && action == "Block" },
	}
}

type reader func(string, iocfeed.Overrides, iocfeed.Rules) (iocfeed.Result, error)

func read(t *testing.T, by reader, text string, overrides iocfeed.Overrides) iocfeed.Result {
	t.Helper()
	result, err := by(text, checked(t, overrides), rules())
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func checked(t *testing.T, overrides iocfeed.Overrides) iocfeed.Overrides {
	t.Helper()
	overrides, err := overrides.Check()
	if err != nil {
		t.Fatal(err)
	}
	return overrides
}

// outline is each group's key with its values and notes.
func outline(result iocfeed.Result) map[string]map[string]string {
	groups := map[string]map[string]string{}
	for key, group := range result.Groups {
		groups[key] = group.Indicators
	}
	return groups
}

func sortedKeys(of map[string]string) []string { return slices.Sorted(maps.Keys(of)) }

func keys(result iocfeed.Result) []string { return slices.Sorted(maps.Keys(result.Groups)) }

func reasons(result iocfeed.Result) string {
	var all strings.Builder
	for _, skip := range result.Skipped {
		all.WriteString(skip.Reason + "\n")
	}
	return all.String()
}

// fails checks that an error says all that.
func fails(t *testing.T, err error, wants ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one of %q", wants)
	}
	for _, want := range wants {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q: %v", want, err)
		}
	}
}

func ptr[T any](value T) *T { return &value }
