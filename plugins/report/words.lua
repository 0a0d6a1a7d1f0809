-- Word lists: what is written with a capital in titles, headings and organisations and yet is no part of a person's
-- name.
-- General English and the vocabulary of conferences; nothing that belongs to one text.

local M = {}

local function set(...)
  local s = {}
  for _, list in ipairs { ... } do
    for word in list:gmatch "%S+" do s[word] = true end
  end
  return s
end

-- Small words: nothing that holds one in the middle is a name, titles leave them in lower case.
M.small = set [[
a about above across after again against all along also although always am among an and any are around as at away back
be because been before behind being below between beyond both but by can cannot could did do does done down during
each either else enough even ever every few first for from further get gets getting give given gives go goes going got
had has have having he her here hers him his how i if in instead into is it its itself just last least less let lets
like made make makes making many may me might more most much must my near need needs never new next no nor not now of
off often on once one only onto or other others our out over own part per perhaps please put rather really said same
say says see seen several shall she should since so some something soon still such take takes than that the their them
then there these they thing things this those through thus time to today together too toward towards tried try two
three four five under until met saw heard up upon us use used uses using very via want wants was way we well went were what whatever
when where whether which while who whom whose why will with within without would yes yet you your
]]

-- Subjects of talks and headings.
local topics <const> = [[
abstract abstraction abstractions academic academy access accessible accelerating accelerator accounting accuracy
action active actor adaptive administration advanced advances adventures aerial affordable agent agents agile ai
algorithm algorithms allocation ambient analyses analysis analytics analyzing android announcements anonymous answers
api apis app apple application applications applied approach approaches approximate approximation arch architecture
architectures art artificial assembly assessment atlas attack attacks audio audit auditing authentication automata
automated automatic automating autonomous availability award awards awareness background backup bandwidth bank banking
banquet base based basic basics batch battery bayesian beginner beginners behavior behaviour behind benchmark
benchmarking benchmarks best better big binary bio block blockchain board body book books boot booting bottleneck
bottlenecks bounds box branch break breakfast bridging broken browser browsers budget buffer bug bugs build building
builds bus business byte bytes cache caches caching calculus call camp campus capabilities capability capacity cards
care career case cases cautionary center centers central centre chain chains chair challenge challenges change changes
changing channels chapter character chat check checker checking checklist chip chips circuit circuits cities city
class classes classic clean client clients clock clocks closing cloud clouds cluster clusters coach code codes coding
coffee coherence cold collaboration collection collections collective combined coming command comments commodity
common communication communications communities community company comparison compatibility compilation compiler
compilers compiling complete complex complexity component components composable composition compression computation
computations computational compute computer computers computing concepts concurrency concurrent conclusion conference
configuration configurations confidential connected consensus consistency consistent constraint consumer container
containers content context continuous contract contracts contributed control controller controlling cooperative
coordination core cores correct correctness cost costs counting coverage crash creating critical cryptographic
cryptography crypto culture current custom cyber daemon data database databases datacenter datacenters dataflow
dataset datasets datacentre datacentres day days dead debate debug debugger debugging decentralised decentralized
decision deep defence defense delay delivery demo demonstration demos denial dependability dependable dependencies
dependency deploying deployment deployments design designing designs desktop details detecting detection deterministic
developer developers developing development device devices diagnosis differential digest digital dinner direct
direction directions directory disaggregated disaggregation discovery discrete discussion discussions disk disks
dispatch displays distributed diverse diversity dive docs document documentation documents domain domains driven
driver drivers driving durability durable dynamic early earlier easy eating economics ecosystem edge editor education
effective effects efficiency efficient elastic electronic electronics elements embedded emerging enabling encrypted
encryption end energy enforcement engine engineer engineering engineers engines enhancing enterprise entry environment
environments error errors ethics evaluating evaluation event events eventual everyone everything everywhere evidence
evolution evolving examples example exascale execution executions exhibition existing experience experiences
experiment experimental experiments expert explained exploit exploiting exploration exploring express extended
extending extensible extensions extreme fail failing failure failures fair fairness fast faster fault faults feature
features federated feedback field file files filesystem filesystems filter filtering finding findings finite firmware
fixed fixing flash flexible floating floor flow flows food formal format formats foundation foundations fragmentation
framework frameworks free freedom friday frontend front frontiers full fun function functional functions fundamentals
funding future fuzzing game games garbage gate gateway general generating generation generic global go goals good
graph graphics graphs greedy green grid group groups growing growth guarantees guest guide guidelines hack hacker
hackers hacking hall handling hands hard hardening hardware harmful harness hash hashing health heap heterogeneous
heterogeneity hidden hierarchical high higher highlights hints history home honest hop host hosting hosts hot hotel
hours human humans hybrid hypervisor hypervisors idea ideas identification identity image images immutable impact
imperative implementation implementations implementing implications improved improvements improving in-memory incident
increasing incremental index indexing industrial industry inference information informal infra infrastructure
infrastructures ingredients initial initiative injection innovation input inputs insights install installation instant
instruction instructions integrated integrating integration integrity intelligence intelligent intensive interaction
interactive interconnect interesting interface interfaces internals international internet interpreter interrupt
intersection intro introducing introduction invariants inverse invited io iot isolated isolation issue issues item
items iterative java javascript job jobs join joint journal journey just kernel kernels key keynote keynotes keys
knowledge lab labs lambda landscape language languages large latency launch law layer layered layers layout lazy
leader leaders leadership leak leaks lean learned learning lecture lectures legacy legal lessons level levels
libraries library life lifecycle light lightning lightweight limit limits linear link linking links lint linux list
lists literate live load local locality location lock locking locks log logging logic logical logistics logs long loop
loops losing low lower lunch machine machines macro macros magic mail main maintaining maintenance malicious malware
manage managed management manager managers managing map mapping maps market marketing markets mass massive master
matching math mathematics matter matters mature measurement measurements measuring mechanism mechanisms media meet
meeting meetings member members memories memory mentoring message messages messaging meta metadata method methodology
methods metrics micro microkernel microservice microservices middleware migration migrating mind mine mini minimal
mining misc mission mistakes mixed ml mobile mode model modeling modelling models modern modes modular module modules
monday monitor monitoring monitors morning motivation moving multi multicore multimedia multiple music mutable myth
myths naming native natural navigation network networked networking networks neural news node nodes noise non-volatile
nonvolatile normal notation note notebook notebooks notes notice nothing novel numbers object objects observability
observations obstacles office offline old online open opening operating operation operations operator operators
opportunities optimal optimisation optimisations optimising optimistic optimization optimizations optimized optimizer
optimizing option options ordering orchestration order organisation organization organisations organizations origins
outage outlook outline output overhead overheads overview package packages packaging packet packets page pages pain
painful panel panels paper papers paradigm paradigms parallel parallelism participants participation partition
partitioning partitions party path paths patterns pattern peer people perfect performance persistence persistent
personal perspective perspectives petabyte pipeline pipelines pitfalls place plan planning plans platform platforms
play plenary plugin plugins point pointer pointers points policies policy politics pool popular port portable posix
position post poster posters posts power powerful practical practice practices pragmatic prediction predictable
predicting predictive presence present presentation presentations preservation preserving press pretty preventing
primitive primitives principle principles priority privacy private privilege problem problems process processes
processing processor processors product production products professional profile profiles profiling program programs
programmable programme programmer programmers programmes programming progress project projects promise proof proofs
properties property protecting protection protocol protocols prototype prototyping provenance proving provisioning
proxy public publication publishing pure purpose python quality quantum queries query question questions queue queues
quick quiz quota race races radio random ransomware rapid reader readers reading ready real reality realtime reason
reasoning receipts recent reception recommendation reconfigurable record recording records recovery recursive reduce
reducing redundancy reference references refactoring reference register registration regression relational release
releases reliability reliable remarks remote rendering repair repeatable replay replicated replication report reports
repositories representation reproducibility reproducible request requests requirements research researcher researchers
resilience resilient resolution resource resources response responsive results retro retrospective revenge review
reviews reviewing revisited revolution risk risks roadmap robotics robots robust robustness role roles room root round
route routers routing rules run running runtime runtimes rust safe safer safety sampling sandbox sandboxing saturday
scalability scalable scale scaling scenarios schedule scheduler schedulers scheduling schema science sciences
scientific scope script scripting scripts search searching secret secrets section secure securing security self
semantic semantics sensing sensor sensors sequential serial serverless server servers service services serving session
sessions sets setting setup shape shared sharding sharing shell ship short shuffle side signal silent silicon simple
simpler simplicity simplifying simulating simulation simulator single site sites sketch slide slides slow small smart
snapshot social society software solid solution solutions solver solvers solving sorting sorts source sources space
spaces spam sparse spatial special specification specifications speculative speech speed speeding split spot
spreadsheets sql stack stacks stage stages standard standards start started state stateful stateless static
statistical statistics status step steps storage store stores storing story strategies strategy stream streaming
streams stress strings strong structure structured structures student students studies study style sub success summary
sunday supercomputing supply support supporting surprise survey survival sustainable swap swarm switch switches
symbolic symposium sync synchronization synchronous syntax synthesis synthetic system systematic systems table tables
tail taking tale tales talk talks taming targets task tasks taxonomy tcp teaching team teams tech technical technique
techniques technologies technology telemetry temporal tensor term terms test testable testing tests text theorem
theorems theoretical theory thermal thinking third thoughts thread threading threads threat threats throughput
thursday tiered time timely timing tiny tips token tokens tolerance tolerant tool toolchain tooling toolkit tools
topic topics tour towards trace tracing track tracking tracks tradeoff tradeoffs traffic train training transaction
transactional transactions transfer transform transformation transforming transition translation transparency
transparent transport travel tree trees trends trick tricks trip trouble troubleshooting trust trusted tuesday tuning
tutorial tutorials type typed types typing understanding unified uniform union universal unix unsafe unsolved update
updates upgrade upgrades urban usability usable usage user users userland userspace utilisation utilization validating
validation value values vector verification verified verifiers verifier verifying version versions video videos view
views vintage virtual virtualisation virtualization virtualized vision visual visualisation visualization visualizing
voice volatile vs vulnerabilities vulnerability walking warehouse watch wear web webinar website wednesday week weekly
welcome wide wild wireless wisdom word words work workflow workflows working workload workloads works workshop
workshops world worst write writing year years your zero zone zones
]]

-- What organisations and places are called.
local organisations <const> = [[
ag agency associates association bank bureau co college committee company consortium consulting corp corporation
council department dept division enterprises faculty foundation gmbh group holdings hochschule inc incorporated
industries institut institute instituto laboratories laboratory labs lab limited politecnico llc llp ltd ministry national
networks office organisation organization partners plc polytechnic research sarl school society software solutions
studio studios systems technologies universidad universidade universita università universitat universität
universitaet universite université university univ uni ventures polytechnique tech technical organisers organizers
chairs chair committee team staff volunteers sponsors attendees everyone audience students authors speakers presenters
panelists panellists panel organizer organiser moderator
]]

-- Weekdays and months, kinds of sessions, what stands at the head of a section.
local calendar <const> = [[
monday tuesday wednesday thursday friday saturday sunday january february march april june july august september
october november december today tomorrow yesterday spring summer autumn winter morning afternoon evening noon midnight
]]

M.never = set(topics, organisations, calendar)
for word in next, M.small do M.never[word] = true end

-- Words that are names as well: they speak against a name only where nothing speaks for one.
for word in ([[
april art august bank best black book june brown chase christian church cook cross day dean earl field fields fox
frank gates good grant gray green hall hard hill home hope house hunt iris jack jean jones joy king knight lake lane
law long love low major mark marsh may mercy moon moore newton noble north page park parker penny perry pierce pope
porter power price prince reader reed rice rich rose ruby rush sage sharp short small song star steel stone summer
swift teal ward wells west white will wise wolf wood woods worth york young glass bell booth bush bishop baker
carpenter carter cooper dale ford forest foster gold heath holly huff jade lamb little mason miller pike pine rivers
robin rock sands shepherd silver singer smith snow stern stocks story street taylor turner valley vale walker waters
weaver wing winter
]]):gmatch "%S+" do
  M.never[word] = nil
end

M.organisation = set(organisations)

-- What a post opens with: "Hello from Fjord".
M.greetings = set [[
hello hi hey greetings live live-blogging liveblogging back notes news photos pictures postcard postcards dispatch
dispatches slides highlights impressions report reports apart aside far people folks students colleagues researchers
]]

-- What a paper's system can be called behind its name.
M.works = set [[
system systems scheduler paper framework store protocol algorithm tool compiler language work approach project
database engine kernel library platform architecture model network file hypervisor runtime debugger analyser analyzer
prototype design method technique study verifier service simulator allocator interpreter optimiser optimizer planner
checker fuzzer filesystem
]]

-- Words of the language that are families' names as well, at the end of a name.
M.surnames = set "he so do an you my may than will be"

-- What stands before a colon and is never a title itself.
M.labels = set [[
name names title titles author authors speaker speakers presenter presenters date time room where when abstract session
track chair topic affiliation affiliations keywords bio who what slides video paper pdf link url
]]

-- What universities and institutes are called by capitals alone.
M.schools = set [[
tu eth uc ucl ucla ucsd ucsb ucb vu ku fu hu lmu rwth kth epfl kaist cmu mit nus ntu nyu inria cnrs cern ist itu uiuc ut
usc unc ucd tcd imt ens bbc ibm sap ntt arm amd att
]]

-- A company of people that can stand where a speaker's name stands.
M.group = set [[
organisers organizers organiser organizer chairs committee team teams staff volunteers sponsors attendees everyone
audience students authors speakers presenters panelists panellists panel group participants members students hosts
crew
]]

M.particles = set [[
van von der den de del della di da dos das du le la el al bin ibn ben ter ten zu zum e y af av san st mac
]]

M.honorifics = set "dr dr. prof prof. professor mr mr. mrs mrs. ms ms. sir dame lord rev rev."

M.suffixes = set "phd ph.d ph.d. md m.d. jr jr. sr sr. ii iii iv esq m.sc. b.sc. mba frs obe cbe"

-- What ends the name of a firm and is written with a full stop.
M.shortened = set "inc ltd co corp bros llc univ dept gmbh jr sr"

-- What ends a name of a family that uses it again.
M.generation = set "jr jr. sr sr. ii iii iv"

-- What people are, where it stands beside a name and is no affiliation.
M.roles = set [[
advocate analyst architect author ceo cfo chair chairman chairperson chief cio ciso co-author co-founder cofounder
consultant contributor coo creator cto curator designer dev developer director doctoral editor engineer evangelist
expert fellow founder founders freelance freelancer graduate head host instructor investigator journalist lead leader
lecturer maintainer manager member mentor moderator officer organiser organizer owner panelist panellist phd postdoc
postdoctoral president principal producer professor programmer researcher scientist senior speaker specialist staff
student technologist undergraduate vp writer retired emeritus emerita independent unaffiliated
]]

return M
