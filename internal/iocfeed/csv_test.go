package iocfeed_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mde-as-code/terraform-provider-mde/internal/iocfeed"
)

const (
	header  = "IndicatorType,IndicatorValue,ExpirationTime,Action,Severity,Title,Description,RecommendedActions,RbacGroups,Category,MitreTechniques,GenerateAlert\n"
	sha256A = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	sha1A   = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
)

func TestCSV_portalFormat(t *testing.T) {
	t.Parallel()
	result := read(t, iocfeed.CSV, "\ufeff"+header+
		"FileSha256,"+sha256A+",2026-12-31T00:00:00.0Z,BlockAndRemediate,Informational,T,\"malware,\ndownloader\",Look,\"G2, G1\",Malware,\"T1,T2\",true\r\n"+
		"DomainName,EVIL.example,,Audit,Low,T,Red team,,,None,,TRUE\n"+
		"Url,http://Evil.example/A,2026-12-31T12:11:06.2446367Z,Block,High,T,,,,,,\n"+
		"CertificateThumbprint,"+sha1A+",,Allow,,T,,,,,,FALSE\n", iocfeed.Overrides{})
	want := map[string]map[string]string{
		"BlockAndRemediate/Informational/2026-12-31/T/alert/do=Look/groups=G1,G2": {strings.ToLower(sha256A): "malware,\ndownloader"},
		"Audit/Low/never/T":                                        {"evil.example": "Red team"},
		"Block/High/2026-12-31T12:11:06Z/T":                        {"http://evil.example/A": ""},
		"Allowed/Informational/never/T/type=CertificateThumbprint": {sha1A: ""},
	}
	if diff := cmp.Diff(want, outline(result)); diff != "" {
		t.Error(diff)
	}
	if len(result.Skipped) > 0 {
		t.Errorf("skipped: %v", result.Skipped)
	}
	group := result.Groups["BlockAndRemediate/Informational/2026-12-31/T/alert/do=Look/groups=G1,G2"]
	if diff := cmp.Diff([]string{"G1", "G2"}, group.RBACGroupNames()); diff != "" {
		t.Error(diff)
	}
	if group.ExpirationTime != "2026-12-31T00:00:00Z" || !group.GenerateAlert || group.Description != "T" {
		t.Errorf("settings: %+v", group.Settings)
	}
}

func TestCSV_spellings(t *testing.T) {
	t.Parallel()
	const key = "BlockAndRemediate/High/2026-12-31/T/alert"
	for name, text := range map[string]string{
		"header in any case":       "indicatortype,INDICATORVALUE,Expiration Time,action,severity,title\ndomain,a.example,2026-12-31,AlertAndBlock,HIGH,T\n",
		"portal's labels":          "Indicator Value,Expiration_Time,Action,Severity,Title,Generate Alert\na.example,2026-12-31T00:00:00,Block and remediate,high,T,True\n",
		"semicolons":               "IndicatorValue;ExpirationTime;Action;Severity;Title;GenerateAlert\n a.example ;2026-12-31 00:00:00;block-and-remediate;High;T;yes\n",
		"tabs":                     "IndicatorValue\tExpirationTime\tAction\tSeverity\tTitle\tGenerateAlert\na.example\t2026-12-31T01:00:00+01:00\tBlockAndRemediate\tHigh\tT\t1\n",
		"empty rows":               "\nIndicatorValue,ExpirationTime,Action,Severity,Title\n\n,,,,\na.example,2026-12-31,AlertAndBlock,High,T\n\n",
		"empty rows, semicolons":   "\r\n;;;;\r\nIndicatorValue;ExpirationTime;Action;Severity;Title\r\na.example;2026-12-31;AlertAndBlock;High;T\r\n",
		"carriage returns alone":   "IndicatorValue;ExpirationTime;Action;Severity;Title\ra.example;2026-12-31;AlertAndBlock;High;T\r",
		"quoted header, no end":    `"IndicatorValue","ExpirationTime","Action","Severity","Title"` + "\r\n" + `"a.example","2026-12-31","AlertAndBlock","High","T"`,
		"rbac column's other name": "IndicatorValue,ExpirationTime,Action,Severity,Title,RbacGroupNames\na.example,2026-12-31,AlertAndBlock,High,T,\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result := read(t, iocfeed.CSV, text, iocfeed.Overrides{})
			if diff := cmp.Diff(map[string]map[string]string{key: {"a.example": ""}}, outline(result)); diff != "" || len(result.Skipped) > 0 {
				t.Error(diff, result.Skipped)
			}
		})
	}
}

func TestCSV_mistakes(t *testing.T) {
	t.Parallel()
	const short = "IndicatorValue,Action,Title,Severity,ExpirationTime,GenerateAlert,IndicatorType\n"
	for name, tc := range map[string]struct {
		text  string
		wants []string
	}{
		"empty":                {"", []string{"empty", "header"}},
		"no values":            {"Action,Title\nBlock,T\n", []string{"row 1", "no column IndicatorValue"}},
		"no actions":           {"IndicatorValue,Title\na.example,T\n", []string{"no column Action"}},
		"column twice":         {"IndicatorValue,Action,Title,indicatorvalue\n", []string{"row 1", "indicatorvalue", "twice"}},
		"action":               {short + "a.example,Blok,T,,,,\n", []string{"row 2, column Action", `"Blok"`, "Block"}},
		"no action":            {short + "a.example,,T,,,,\n", []string{"row 2, column Action", "overrides"}},
		"no title":             {short + "a.example,Block,,,,,\n", []string{"row 2, column Title", "overrides"}},
		"severity":             {short + "a.example,Block,T,Severe,,,\n", []string{"row 2, column Severity", `"Severe"`}},
		"time":                 {short + "a.example,Block,T,,12/31/2026 0:00,,\n", []string{"row 2, column ExpirationTime", "RFC 3339"}},
		"alert":                {short + "a.example,Block,T,,,maybe,\n", []string{"row 2, column GenerateAlert", `"maybe"`}},
		"audit without alert":  {short + "a.example,Audit,T,,,FALSE,\n", []string{"row 2, column GenerateAlert", "Audit"}},
		"type":                 {short + "a.example,Block,T,,,,Hash\n", []string{"row 2, column IndicatorType", `"Hash"`}},
		"too many fields":      {short + "a.example,Block,T,,,,,x\n", []string{"row 2, column IndicatorType", "8 fields", "7"}},
		"too few fields":       {short + "a.example,Block\n", []string{"row 2, column Action", "2 fields"}},
		"row after line break": {short + "a.example,Block,\"T\nU\",,,,\n\nb.example,Blok,T,,,,\n", []string{"row 4, column Action"}},
		"open quote":           {short + "a.example,Block,\"T,,,,\n", []string{"row 2", "line 2"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := iocfeed.CSV(tc.text, iocfeed.Overrides{}, rules())
			fails(t, err, tc.wants...)
		})
	}
}

func TestCSV_skipped(t *testing.T) {
	t.Parallel()
	result := read(t, iocfeed.CSV, "IndicatorValue,Action,Title,IndicatorType,Confidence\n"+
		"10.0.0.0/8,Block,T,,90\n"+ // 2
		"a.example,Block,T,,90\n"+
		"what,Block,T,,90\n"+ // 4
		"Games,Block,T,WebCategory,90\n"+
		"A.example,Block,Other,,90\n"+ // 6
		"a.example,Allowed,T,,90\n"+
		",Block,T,,90\n", iocfeed.Overrides{})
	var rows []int
	for _, skip := range result.Skipped {
		rows = append(rows, skip.Row)
	}
	if diff := cmp.Diff([]int{1, 2, 3, 4, 5, 8}, rows); diff != "" {
		t.Error(diff, result.Skipped)
	}
	for _, want := range []string{`"Confidence"`, "range", "row 6 has", "WebCategory", "empty", `"what"`} {
		if !strings.Contains(reasons(result), want) {
			t.Errorf("no reason says %q: %s", want, reasons(result))
		}
	}
	want := map[string]map[string]string{
		"Block/Informational/never/Other": {"a.example": ""},
		"Allowed/Informational/never/T":   {"a.example": ""},
	}
	if diff := cmp.Diff(want, outline(result)); diff != "" {
		t.Error(diff)
	}
}

// feed is a CSV of that many rows of a few groups.
func feed(rows int) string {
	var b strings.Builder
	b.WriteString(header)
	for i := range rows {
		fmt.Fprintf(&b, "DomainName,host%d.evil.example,2026-12-%02dT00:00:00.0Z,Block,High,Feed,\"Seen in wave %d, \"\"twice\"\"\nand more\",,,Malware,T1566,TRUE\n", i, 10+i%5, i)
	}
	return b.String()
}

func TestCSV_largestList(t *testing.T) {
	t.Parallel()
	result := read(t, iocfeed.CSV, feed(15_000), iocfeed.Overrides{})
	total := 0
	for _, group := range result.Groups {
		total += len(group.Indicators)
	}
	if total != 15_000 || len(result.Groups) != 5 {
		t.Errorf("%d values in %d groups", total, len(result.Groups))
	}
}

func BenchmarkCSV(b *testing.B) {
	text := feed(15_000)
	for b.Loop() {
		if _, err := iocfeed.CSV(text, iocfeed.Overrides{}, rules()); err != nil {
			b.Fatal(err)
		}
	}
}

func FuzzCSV(f *testing.F) {
	f.Add(feed(3))
	f.Add("\ufeffIndicatorValue;Action;Title\na.example;Block;\"T\nU\"\n")
	f.Add("IndicatorValue,Action,Title\n\"")
	f.Add("IndicatorValue,Action,Title,\n,,,\na~/%.example,Alert,a/b~c%,x\n")
	f.Fuzz(func(t *testing.T, text string) {
		result, err := iocfeed.CSV(text, iocfeed.Overrides{}, rules())
		if err == nil && len(result.Groups) > iocfeed.MaxGroups {
			t.Errorf("%d groups", len(result.Groups))
		}
	})
}
