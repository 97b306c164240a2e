# Figure fig-2-12-data, drawn by the workbench; `gnuplot fig-2-12-data.gp` draws it again.
# pictures: svg
# seal: 7b4bbc4bc75609f2
reset
set encoding utf8
set border 3 linewidth 1.2 linecolor rgb '#404040'
set tics nomirror out scale 0.6 textcolor rgb '#404040'
set minussign
set grid linetype 1 linecolor rgb '#E4E4E4' linewidth 1 dashtype solid
set style textbox opaque noborder fillcolor rgb '#FFFFFF' margins 0.4, 0.4
set tmargin at screen 0.83
set rmargin 3
set label 1 'The data, with PyTorch’s noise' at screen 0.025, 0.945 left font ',21'
set label 2 '100 points of y = 3x² + 2 + noise' at screen 0.025, 0.88 left font ',15' textcolor rgb '#505050'
set xlabel '{/:Italic x}'
set format x '%h'
set xrange [-1:1]
set ylabel '{/:Italic y}' rotate by 0
set format y '%h'
set yrange [2:6]
set key inside top center Left reverse samplen 3 spacing 1.25 width 1 opaque fillcolor rgb '#FFFFFF'

set terminal svg enhanced size 960,600 dynamic background rgb 'white' font 'Sans,17' fontscale 1.3333
set output 'fig-2-12-data.svg'
mark = 0.456
set style line 1 linecolor rgb '#8A8A8A' linewidth 2.6 dashtype solid pointtype 7 pointsize 1.2*mark
plot \
  'fig-2-12-data.dat' index 0 with points linestyle 1 linewidth 1.6 title 'data'

unset output
