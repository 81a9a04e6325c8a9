package bench

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestScenarios_namesAreUnique(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, scenario := range Scenarios(true) {
		if names[scenario.String()] {
			t.Errorf("%s is there twice", scenario)
		}
		names[scenario.String()] = true
	}
	for _, scenario := range Scenarios(false) {
		if !names[scenario.String()] {
			t.Errorf("%s is not in the full list", scenario)
		}
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, one := range []Usage{{CPU: time.Second, Peak: 10}, {CPU: 2 * time.Second, Peak: 30}, {CPU: time.Second, Peak: 20}} {
		if err := one.Save(dir); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []Usage{{CPU: 4 * time.Second, Peak: 30}, {}} {
		got, err := collect(dir)
		if err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("collected %+v, not %+v", got, want)
		}
	}
}

func TestCopies(t *testing.T) {
	t.Parallel()
	const one = `{
		"version": 4, "terraform_version": "1.11.4", "serial": 3, "lineage": "l", "outputs": {},
		"resources": [{"mode": "managed", "type": "mde_indicator", "name": "this", "provider": "p", "instances": [
			{"index_key": 0, "schema_version": 1, "attributes": {"id": "1", "indicator_value": "v", "description": "d", "title": "t"}, "sensitive_attributes": [], "private": "cA=="}
		]}]
	}`
	text, err := copies([]byte(one), []string{"7", "8"})
	if err != nil {
		t.Fatal(err)
	}
	var got state
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	var want []instance
	for i, id := range []string{"7", "8"} {
		want = append(want, instance{
			IndexKey: i, SchemaVersion: 1, SensitiveAttributes: json.RawMessage("[]"), Private: "cA==",
			Attributes: map[string]any{"id": id, "indicator_value": value(i), "description": note(i), "title": "t"},
		})
	}
	if diff := cmp.Diff(want, got.Resources[0].Instances); diff != "" {
		t.Error(diff)
	}
	if got.Lineage != "l" || got.Serial != 3 || got.Resources[0].Type != "mde_indicator" {
		t.Errorf("the rest of the state is not kept: %s", text)
	}
	if _, err := copies(text, nil); err == nil {
		t.Error("a state with two instances is taken for a model")
	}
}

func TestWriteTable(t *testing.T) {
	t.Parallel()
	row := Row{
		scenario: Scenario{Shape: Set, Size: 15_000, Quotas: true}, step: stepCreate, calls: Calls{imports: 30, lists: 2},
		ours:  measured{wall: 12_340 * time.Millisecond, cpu: 9 * time.Second, provider: Usage{CPU: 2500 * time.Millisecond, Peak: 100 << 20}},
		empty: measured{wall: time.Second},
	}
	var table strings.Builder
	WriteTable(&table, []Row{row, row})
	const line = "| create | 30 import, 2 list | 12.3 / 1.00 | 9.00 / – | 2.50 / – | 100 / – |\n"
	if got := strings.Count(table.String(), line); got != 2 {
		t.Errorf("the row is there %d times in\n%s", got, table.String())
	}
	if got := strings.Count(table.String(), "**Set of 15,000, quotas on**"); got != 1 {
		t.Errorf("the title is there %d times in\n%s", got, table.String())
	}
}

func TestRemarks(t *testing.T) {
	t.Parallel()
	set := func(size int, ours, empty time.Duration, peak int64, quotas bool) Row {
		return Row{
			scenario: Scenario{Shape: Set, Size: size, Quotas: quotas}, step: stepCreate,
			ours: measured{provider: Usage{CPU: ours, Peak: peak << 20}}, empty: measured{provider: Usage{CPU: empty}},
		}
	}
	got := Remarks([]Row{
		set(5_000, 3*time.Second, time.Second, 60, false), set(15_000, 14*time.Second, 8*time.Second, 120, false),
		set(5_000, time.Minute, time.Second, 50, true), set(1_000, time.Minute, time.Second, 50, false),
	})
	want := []string{
		"Highest memory of the provider: 120 MB (set-15000, create), to stay below 150 MB.",
		"create, CPU beyond the empty provider's from set-5000 to set-15000: 2.00 s to 6.00 s (3.0 times, at most 3.5).",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	for shape, want := range map[Shape]string{
		Set:     `resource "mde_indicator_set" "this"`,
		ForEach: "for_each = {",
		Count:   "count = length(local.rows)",
		Alone:   "for_each = {",
	} {
		config := inputs{scenario: Scenario{Shape: shape, Size: 3}, action: "Block"}.config()
		if !strings.Contains(config, want) {
			t.Errorf("%s has no %q:\n%s", shape, want, config)
		}
	}
}

func TestThousands(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0", 999: "999", 1_000: "1,000", 15_000: "15,000", 1_234_567: "1,234,567"} {
		if got := thousands(n); got != want {
			t.Errorf("%s is written %q", fmt.Sprint(n), got)
		}
	}
}

func TestRow_join(t *testing.T) {
	t.Parallel()
	took := func(time time.Duration, peak int64) measured {
		return measured{wall: time, cpu: time, provider: Usage{CPU: time, Peak: peak}}
	}
	row := Row{calls: Calls{lists: 2, imports: 30}, ours: took(9*time.Second, 100), empty: took(5*time.Second, 80)}
	row.join(Row{calls: Calls{lists: 3, imports: 29}, ours: took(8*time.Second, 120), empty: took(6*time.Second, 70)})
	want := Row{calls: Calls{lists: 3, imports: 30}, ours: took(8*time.Second, 120), empty: took(5*time.Second, 80)}
	if diff := cmp.Diff(want, row, cmp.AllowUnexported(Row{}, Scenario{}, measured{})); diff != "" {
		t.Error(diff)
	}
}
