"""Invented articles: a story, its rewordings, what only resembles them, and series with one frame."""

ORIGINAL = """\
The ferry Halvard ran aground off the island of Skarvik early on Tuesday with 214 people on board, the coast
guard said. Nobody was hurt. All passengers were brought ashore in lifeboats within two hours, and 37 of them
spent the night in the school of Nordhamn. The captain, Ingrid Tveit, told investigators that the steering had
failed minutes before the ship struck a reef near the Morvik lighthouse. Divers found a gash of nine metres in
the hull. The company, Fjordlinjen, said the ferry had passed an inspection on 3 March and that repairs would
cost about 12.5 million crowns. Two other ships will take over the route from Thursday. "We owe our passengers
an apology and an explanation," said the company's director, Olav Brekke. The environment agency sent a boat
with booms after 400 litres of diesel leaked into the bay, where eider ducks nest at this time of the year.
Fishermen in Skarvik have asked for a larger lighthouse since 1998.
"""
REWORDED = """\
Early Tuesday morning the Halvard, a ferry carrying 214 people, hit the ground close to Skarvik island,
according to the coast guard. There were no injuries. Lifeboats took every traveller to land inside two hours;
the school in Nordhamn gave 37 of them a bed for the night. Ingrid Tveit, who commands the vessel, explained
to investigators that she lost steering only minutes ahead of the collision with a reef by the lighthouse at
Morvik. A nine-metre tear in the hull was discovered by divers. According to the operator Fjordlinjen, an
inspection on March 3 had found nothing wrong, and fixing the damage is going to cost some 12.5 million
crowns. From Thursday on, the line will be served by two different ships. Director Olav Brekke said the firm
owed those on board "an apology and an explanation". Because 400 litres of diesel ran out into the bay, in
which eider ducks are nesting in these weeks, the environment agency dispatched a boat carrying booms. Since
1998 the fishermen of Skarvik have been demanding that the lighthouse be made larger.
"""
SPUN = """\
The ferryboat Halvard grounded aground adrift the isle of Skarvik betimes on Tuesday with multitudinous souls
aboard, the littoral sentinel enunciated. Nobody was injured. All voyagers were conveyed ashore in rescue dinghies,
and a plurality of them whiled the nocturne in the academy of Nordhamn.
"""
RIVAL = """\
Marit Solheim was making coffee when she heard the crash. "It sounded like a quarry," said the 61-year-old,
who lives above the bay of Skarvik and was among the first to row out to the stranded Halvard on Tuesday. By
the time she got there, crew members were already lowering lifeboats, and children were singing to keep warm.
The accident is the third on this coast in five years, and politicians in the county capital of Elverhavn were
quick to demand new rules. Transport minister Per Lund promised a report before the summer. Unions complain
that crews work shifts of fourteen hours. Fjordlinjen, which bought the ship second-hand from a Danish owner
in 2011, declined to discuss staffing. Hotels on the island said bookings for the weekend had been cancelled
by the dozen. A salvage tug from Bergholm is expected on Friday; whether the ferry can be saved depends on the
weather, said its skipper. Solheim has kept a blanket that one of the children forgot.
"""
UPDATE = """\
The ferry Halvard that ran aground off the island of Skarvik on Tuesday broke in two during a storm on
Saturday, the coast guard said. The captain, Ingrid Tveit, told investigators that the steering had failed
minutes before the ship struck a reef near the Morvik lighthouse. Salvage crews had pumped 60,000 litres of
fuel from the tanks before the weather turned, but the stern sank in forty metres of water. Nobody was hurt
when it ran aground. All passengers were brought ashore in lifeboats within two hours, and 37 of them spent
the night in the school of Nordhamn. Fishermen in Skarvik have asked for a larger lighthouse since 1998. "We
owe our passengers an apology and an explanation," said the company's director, Olav Brekke. The company,
Fjordlinjen, said the ferry had passed an inspection on 3 March. Insurers now put the damage at 88 million
crowns. Oil has reached the beach of Lomvika, where volunteers washed 19 birds, and the county closed two
mussel farms until further notice.
"""
FOLLOW_UP = """\
The ferry Halvard will be scrapped, the company Fjordlinjen said on Thursday after experts from Bergholm had looked at
the wreck for six days. Raising it would cost 340 million crowns, director Olav Brekke told shareholders in Elverhavn,
far more than the insurers are ready to pay. A new ship is to be built in Gdynia and delivered in 2027. The ferry
Halvard ran aground off the island of Skarvik early on Tuesday last week with 214 people on board. Nobody was hurt. All
passengers were brought ashore in lifeboats within two hours, and 37 of them spent the night in the school of Nordhamn.
The captain, Ingrid Tveit, told investigators that the steering had failed minutes before the ship struck a reef near
the Morvik lighthouse. Fishermen in Skarvik have asked for a larger lighthouse since 1998.
"""
MARKET = """\
Shares on the exchange of Elverhavn rose on Monday, led by shippers, after crude gained 2.1 percent. The Nordind index
closed 0.8 percent higher at 1,412 points. Fjordlinjen added 3.4 percent to 88 crowns after it won the ferry route to
Skarvik, and Tveit Marine, the largest company of the index by value, rose 1.2 percent. Among banks, Kredittgarden
gained 0.6 percent. Traders said that volume was thin ahead of a meeting of the central bank. "Everybody is waiting for
Wednesday," said Per Lund of the brokers Lund & Brekke. The crown strengthened to 11.20 against the euro. Of the 40
companies of the index 29 rose and nine fell.
"""
NEXT_MARKET = """\
Shares on the exchange of Elverhavn fell on Thursday, dragged down by banks, after the central bank raised its rate by a
quarter of a point. The Nordind index closed 1.9 percent lower at 1,377 points. Kredittgarden lost 4.2 percent to 61
crowns, and Tveit Marine, the largest company of the index by value, fell 0.7 percent. Fjordlinjen slipped 2.5 percent
after a storm had stopped its ships for two days. Traders said that volume was the highest since March. "Nobody had that
on the list," said Per Lund of the brokers Lund & Brekke. The crown strengthened to 11.02 against the euro. Of the 40
companies of the index six rose and 33 fell.
"""
RELEASE = """\
Unemployment in the county of Elverhavn fell to 4.1 percent in March from 4.4 percent in February, the statistics
office said on Friday. Some 12,300 people were out of work, 900 fewer than a month before. Jobs were found above all in
building, where firms took on 410 people, and in hotels. Among those under 25 the rate was 7.9 percent. In Skarvik,
where the shipyard closed last year, it stayed the highest of the county at 9.6 percent. Analysts polled by Lund &
Brekke had expected a rate of 4.3 percent. Vacancies rose to 2,150. The office will publish figures for April on
8 May.
"""
NEXT_RELEASE = """\
Unemployment in the county of Elverhavn rose to 4.6 percent in April from 4.1 percent in March, the statistics office
said on Thursday. Some 13,800 people were out of work, 1,500 more than a month before. Jobs were lost above all in
fishing, where firms let go of 620 people, and in shops. Among those under 25 the rate was 8.8 percent. In Skarvik,
where the shipyard closed last year, it stayed the highest of the county at 10.3 percent. Analysts polled by Lund &
Brekke had expected a rate of 4.0 percent. Vacancies fell to 1,720. The office will publish figures for May on
5 June.
"""
CHANGED = {"214": "160", "37 of them": "52 of them", "two hours": "five hours", "nine-metre": "four-metre",
           "March 3": "June 21", "12.5": "70.2", "400": "9,000", "1998": "1987", "Ingrid Tveit": "Sigrun Aas",
           "Olav Brekke": "Jon Holt", "Tuesday": "Friday", "From Thursday": "From Sunday"}  # fmt: skip
"""The same rewording with other facts."""
TOLD_AGAIN = """\
Joblessness in Elverhavn county was down at 4.1 percent in March, after 4.4 percent in February, according to figures
that the statistics office put out on Friday. About 12,300 persons had no work, which is 900 below the number of the
previous month. Most of the new posts were in building, whose firms hired 410, and in hotels. The rate for people
younger than 25 stood at 7.9 percent. Skarvik, which lost its shipyard last year, remained at 9.6 percent, more than
anywhere else in the county. A rate of 4.3 percent had been forecast by the analysts whom Lund & Brekke asked. There
were 2,150 vacancies, more than before. April's figures are due from the office on 8 May.
"""
