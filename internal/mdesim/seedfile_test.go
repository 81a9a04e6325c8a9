package mdesim

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const seedYAML = `
# What a tenant may hold on its first day.
indicators:
  - indicatorType: FileSha1
    indicatorValue: "0000000000000000000000000000000000000001"
    action: AlertAndBlock
    expirationTime: 2031-05-01T00:00:00Z
    rbacGroupNames: [Servers]
libraryFiles:
  - fileName: a.ps1
    text: |
      Write-Output 1
      exit 3
    createdBy: someone@contoso.com
    creationTime: 2024-05-01T00:00:00Z
machines:
  - &server
    id: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    machineTags: [x]
  - <<: *server
    id: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
scripts:
  a.ps1: { exitCode: 3, duration: 1m }
offline: [aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]
failItems: [no.example]
`

const seedJSON = `{
	"indicators": [{
		"indicatorType": "FileSha1", "indicatorValue": "0000000000000000000000000000000000000001",
		"action": "AlertAndBlock", "expirationTime": "2031-05-01T00:00:00Z", "rbacGroupNames": ["Servers"]
	}],
	"libraryFiles": [{
		"fileName": "a.ps1", "text": "Write-Output 1\nexit 3\n",
		"createdBy": "someone\u0040contoso.com", "creationTime": "2024-05-01T00:00:00Z"
	}],
	"machines": [
		{"id": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "machineTags": ["x"]},
		{"id": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "machineTags": ["x"]}
	],
	"scripts": {"a.ps1": {"exitCode": 3, "duration": "1m"}},
	"offline": ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"],
	"failItems": ["no.example"]
}`

func TestDecodeSeed_yamlAndJSONAreTheSame(t *testing.T) {
	t.Parallel()
	fromYAML, err := DecodeSeed([]byte(seedYAML))
	if err != nil {
		t.Fatal(err)
	}
	fromJSON, err := DecodeSeed([]byte(seedJSON))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(fromJSON, fromYAML); diff != "" {
		t.Errorf("-JSON +YAML:\n%s", diff)
	}
	if len(fromYAML.Indicators) != 1 || len(fromYAML.Machines) != 2 || fromYAML.Scripts["a.ps1"].ExitCode != 3 {
		t.Errorf("%+v", fromYAML)
	}
}

func TestDecodeSeed_refusals(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"indicatrs: []":                               `"indicatrs"`,
		`{"indicatrs": []}`:                           `"indicatrs"`,
		"libraryFiles: [{fileName: a, path: b}]":      `"path"`,
		`{"machines": [{"name": "x"}]}`:               `"name"`,
		"indicators: [{indicatorValue: 1234}]":        "indicators.indicatorValue cannot be a number",
		`{"indicators": [{"indicatorValue": 1234}]}`:  "indicators.indicatorValue cannot be a number",
		"scripts: {a.ps1: {duration: soon}}":          `"soon"`,
		"indicators: [\n  - {indicatorType: FileMd5}": "line 1",
		"machines: []\nmachines: []":                  `"machines" already defined`,
		"[]":                                          "the whole cannot be a array",
		"# Tenant. machines: []":                      "empty",
		"":                                            "empty",
		"one word":                                    "neither JSON nor YAML",
	} {
		if _, err := DecodeSeed([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v lacks %q", text, err, want)
		}
	}
}

func TestSeed_isWhatAResetGoesBackToAndIsThereOnce(t *testing.T) {
	t.Parallel()
	seed, err := DecodeSeed([]byte(seedYAML))
	if err != nil {
		t.Fatal(err)
	}
	s := newTester(t, Options{Seed: seed})
	s.SeedIndicators(Indicator{IndicatorValue: "late.example"})
	s.RemoveLibraryFile("a.ps1")
	s.call(204, "POST", "/sim/reset", "")
	s.call(204, "POST", "/sim/seed", seedYAML)
	if i := s.Indicators(); len(i) != 1 || i[0].Action != "AlertAndBlock" || i[0].RBACGroupNames[0] != "Servers" {
		t.Errorf("%+v", i)
	}
	files := s.LibraryFiles()
	if len(files) != 1 || files[0].CreatedBy != "someone@contoso.com" || files[0].CreationTime.Year() != 2024 || files[0].LastUpdatedTime.IsZero() {
		t.Errorf("%+v", files)
	}
}
